"""What a plan pays for given facts: whole fen and exact fractions, rounded once, half away from zero."""
