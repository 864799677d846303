"""The language of commission plans as data: its shape, what it refuses, and what it says in plain words."""
