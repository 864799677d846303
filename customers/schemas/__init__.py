"""What goes in and out of the customers room."""
