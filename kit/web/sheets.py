"""What a file of rows is asked with and answered with; rooms say what their rows are."""

from typing import Any

from marshmallow import fields

from kit.sheets import MAX_PROBLEMS, Report
from kit.web.io import Out, QueryIn

COUNTS = ("created", "updated", "unchanged", "rejected", "warned")


class SheetIn(QueryIn):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Report the same, change nothing."})


class SheetProblemOut(Out):
    line = fields.Integer(required=True, metadata={"description": "Line of the file; the header is line 1."})
    field = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable."})
    message = fields.String(required=True)


class SheetOut(Out):
    dry_run = fields.Boolean(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    warned = fields.Integer(required=True, metadata={"description": "Cells left out of rows that were taken."})


def problems_field(problem: type[SheetProblemOut]) -> "fields.List[Any]":
    """The problems of an answer, each of the shape of `problem`."""
    said = f"Rows that were not taken, by line; of more than {MAX_PROBLEMS}, that many."
    return fields.List(fields.Nested(problem), required=True, metadata={"description": said})


def warnings_field(problem: type[SheetProblemOut]) -> "fields.List[Any]":
    """The cells of an answer that were left out, each of the shape of `problem`."""
    said = f"Cells that could not be read, by line, of rows that were taken without them; at most {MAX_PROBLEMS}."
    return fields.List(fields.Nested(problem), required=True, metadata={"description": said})


def as_answer(report: Report, *, dry_run: bool) -> dict[str, Any]:
    """`report` in the shape of SheetOut with its problems."""
    counts = {name: report.counts[name] for name in COUNTS}
    return {"dry_run": dry_run, **counts, "problems": report.problems, "warnings": report.warnings}
