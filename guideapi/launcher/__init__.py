"""`make run`: the whole house on one machine, brought up, watched, and taken down without a trace."""
