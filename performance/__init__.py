"""How it goes: figures per guide and day, computed by jobs from the facts."""
