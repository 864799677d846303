"""What the clienteling routes take and give."""
