"""All reads of the tasks room."""

from tasks.queries.board import read_plan_shares
from tasks.queries.progress import progress

__all__ = ["progress", "read_plan_shares"]
