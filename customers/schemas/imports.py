"""Reports of files of customers."""

from kit.web.sheets import SheetOut, SheetProblemOut, problems_field, warnings_field


class CustomerImportProblemOut(SheetProblemOut):
    """Its message repeats no personal data."""


class CustomerImportOut(SheetOut):
    problems = problems_field(CustomerImportProblemOut)
    warnings = warnings_field(CustomerImportProblemOut)
