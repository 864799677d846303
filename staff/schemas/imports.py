"""Reports of file imports."""

from marshmallow import fields

from kit.web.sheets import SheetOut, SheetProblemOut, problems_field, warnings_field


class ImportProblemOut(SheetProblemOut):
    key = fields.String(required=True, metadata={"description": "The row's code or staff number."})


class ImportOut(SheetOut):
    problems = problems_field(ImportProblemOut)
    warnings = warnings_field(ImportProblemOut)
