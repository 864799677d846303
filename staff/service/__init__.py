"""What the staff room does; one file per noun."""

from staff.service.covers import AlreadyAtHome, add_cover, remove_cover
from staff.service.imports import Outcome, import_regions, import_staff, import_stores
from staff.service.keys import create_api_key
from staff.service.organisation import (
    CodeTaken,
    change_person,
    change_region,
    change_store,
    create_person,
    create_region,
    create_store,
)
from staff.service.sheets import SheetHeaderWrong, import_sheet
from staff.service.sign_in import authenticate, find_principal, sign_in

__all__ = [
    "AlreadyAtHome",
    "CodeTaken",
    "Outcome",
    "SheetHeaderWrong",
    "add_cover",
    "authenticate",
    "change_person",
    "change_region",
    "change_store",
    "create_api_key",
    "create_person",
    "create_region",
    "create_store",
    "find_principal",
    "import_regions",
    "import_sheet",
    "import_staff",
    "import_stores",
    "remove_cover",
    "sign_in",
]
