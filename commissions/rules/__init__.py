"""What the commissions room decides without a database: the plan language, and the arithmetic of pay."""
