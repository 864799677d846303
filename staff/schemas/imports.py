"""Reports of file imports."""

from marshmallow import fields

from kit.web.io import Out, QueryIn
from staff.service.sheets import MAX_PROBLEMS


class ImportIn(QueryIn):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Report the same, change nothing."})


class ImportProblemOut(Out):
    line = fields.Integer(required=True, metadata={"description": "Line of the file; the header is line 1."})
    key = fields.String(required=True, metadata={"description": "The row's code or staff number."})
    field = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable."})
    message = fields.String(required=True)


class ImportOut(Out):
    dry_run = fields.Boolean(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    problems = fields.List(
        fields.Nested(ImportProblemOut),
        required=True,
        metadata={"description": f"By line; of more than {MAX_PROBLEMS} rejected rows, that many."},
    )
