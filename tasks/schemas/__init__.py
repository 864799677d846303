"""What the tasks routes take and give; one file per noun."""
