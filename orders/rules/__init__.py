"""Pure rules of the orders room: attribution, what receipts add up to, what refunds give back."""
