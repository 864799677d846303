"""Settlements: what was earned in a period is put on statements, decided on, and paid once."""
