"""What guides have to do, and how far they are."""
