"""What was bought, and who gets credit for it."""
