"""Reports of files of customers."""

from marshmallow import fields

from customers.service.imports import MAX_PROBLEMS
from kit.web.io import Out, QueryIn


class CustomerImportIn(QueryIn):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Report the same, change nothing."})


class CustomerImportProblemOut(Out):
    line = fields.Integer(required=True, metadata={"description": "Line of the file; the header is line 1."})
    field = fields.String(required=True, metadata={"example": "phone"})
    code = fields.String(required=True, metadata={"description": "Stable.", "example": "unreadable"})
    message = fields.String(required=True, metadata={"description": "Repeats no personal data."})


class CustomerImportOut(Out):
    dry_run = fields.Boolean(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    problems = fields.List(
        fields.Nested(CustomerImportProblemOut),
        required=True,
        metadata={"description": f"By line; of more than {MAX_PROBLEMS} rejected rows, that many."},
    )
