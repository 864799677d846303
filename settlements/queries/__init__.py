"""All reads of the settlements room; one file per noun."""
