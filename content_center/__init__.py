"""What is shown to customers: content, posters, forwards, and what came of them."""
