"""What the house costs, beside the same work without it."""
