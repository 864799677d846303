"""All reads of the targets room; one file per noun."""
