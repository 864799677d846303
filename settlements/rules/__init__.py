"""What the settlements room decides without a database."""
