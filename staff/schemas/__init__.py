"""What the staff routes take and give; one file per noun."""
