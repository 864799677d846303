"""What the commission routes take and give."""
