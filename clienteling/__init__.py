"""Looking after customers: follow-ups, what happened to each, who belongs to which segment, and how well it goes."""
