"""What is earned: plans, the ledger, and why."""
