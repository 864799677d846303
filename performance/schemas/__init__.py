"""What the performance routes take and give."""
