"""Who is served, and whose customer they are."""
