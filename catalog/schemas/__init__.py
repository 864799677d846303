"""What the catalog routes take and give."""
