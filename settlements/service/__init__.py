"""All writes of the settlements room; one file per noun."""
