"""All reads of the performance room."""

from performance.queries.boards import (
    Board,
    ids_of,
    list_around,
    list_board,
    main_currency,
    rank_of,
    stores_in_sight,
    stores_of_board,
)
from performance.queries.changes import StaleDay, changed_days, list_owed_stores, list_stale_days, seen_until
from performance.queries.figures import BY_NAME, DECLARED, FACTS, FIGURES, SETTLED, figures
from performance.queries.funnel import GROUPINGS, list_content_figures
from performance.queries.reading import (
    StoreFigures,
    computed_at,
    days_of,
    list_guides,
    list_uncredited,
    restated_at,
    stores_of_guide,
)
from performance.queries.readings import READINGS, read_period
from performance.queries.subjects import Scope, Subject, like_for_like

__all__ = [
    "BY_NAME",
    "DECLARED",
    "FACTS",
    "FIGURES",
    "GROUPINGS",
    "READINGS",
    "SETTLED",
    "Board",
    "Scope",
    "StaleDay",
    "StoreFigures",
    "Subject",
    "changed_days",
    "computed_at",
    "days_of",
    "figures",
    "ids_of",
    "like_for_like",
    "list_around",
    "list_board",
    "list_content_figures",
    "list_guides",
    "list_owed_stores",
    "list_stale_days",
    "list_uncredited",
    "main_currency",
    "rank_of",
    "read_period",
    "restated_at",
    "seen_until",
    "stores_in_sight",
    "stores_of_board",
    "stores_of_guide",
]
