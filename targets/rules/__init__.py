"""What the targets room decides without a database."""
