"""What is aimed at: targets of regions, stores and guides by month, how they are spread, and how far people are."""
