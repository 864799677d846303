"""Every figure, declared once with the facts that it is counted from (docs/performance.md explains them)."""

from performance.queries.figures.declaring import FROM_DAY, GUIDE_ID, KEYS, NOTHING, TO_DAY, asked
from performance.queries.figures.statement import (
    BY_NAME,
    DECLARED,
    FACTS,
    FIGURES,
    MONEY,
    SETTLED,
    definition,
    figures,
)

__all__ = [
    "BY_NAME",
    "DECLARED",
    "FACTS",
    "FIGURES",
    "FROM_DAY",
    "GUIDE_ID",
    "KEYS",
    "MONEY",
    "NOTHING",
    "SETTLED",
    "TO_DAY",
    "asked",
    "definition",
    "figures",
]
