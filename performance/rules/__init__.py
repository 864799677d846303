"""Periods, who sees whom, and what is divided by what: pure rules of figures."""
