"""The facts of a period as the plan language has them, read from what was sold, who worked, and what was aimed at."""

from commissions.queries.facts.loading import Loaded, load_facts
from commissions.queries.facts.scope import Span

__all__ = ["Loaded", "Span", "load_facts"]
