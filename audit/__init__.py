"""Who did what to what: the log that the database keeps, for headquarters to search."""
