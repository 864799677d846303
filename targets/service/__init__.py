"""What the targets room does; one file per noun."""
