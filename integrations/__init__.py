"""What other systems are told: webhooks, derived from facts, signed, retried, and replayed by an operator."""
