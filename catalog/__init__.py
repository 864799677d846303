"""What may be sold: products, their shelf status, and each store's availability."""
