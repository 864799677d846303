"""What the staff room does; one file per noun."""

from staff.service.imports import Outcome, import_regions, import_staff, import_stores
from staff.service.keys import create_api_key
from staff.service.sign_in import authenticate, sign_in

__all__ = ["Outcome", "authenticate", "create_api_key", "import_regions", "import_staff", "import_stores", "sign_in"]
