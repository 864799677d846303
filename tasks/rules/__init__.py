"""What tasks are, whatever the database holds."""
