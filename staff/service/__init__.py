"""What the staff room does; one file per noun."""

from staff.service.covers import AlreadyAtHome, add_cover, remove_cover
from staff.service.credentials import (
    BadResetCode,
    PasswordRefused,
    change_password,
    create_reset_code,
    reset_password,
    set_password,
)
from staff.service.guard import TooManyAttempts, new_device_token
from staff.service.imports import Outcome, import_regions, import_staff, import_stores
from staff.service.keys import ApiKeyRevoked, create_api_key, issue_api_key, revoke_api_key, rotate_api_key
from staff.service.organisation import (
    CodeTaken,
    change_person,
    change_region,
    change_store,
    create_person,
    create_region,
    create_store,
)
from staff.service.sessions import (
    DeviceNotFound,
    RefreshTokenReused,
    SignedIn,
    end_all_sessions,
    end_session,
    purge_sessions,
    refresh,
    start_session,
)
from staff.service.sheets import SheetHeaderWrong, import_sheet
from staff.service.sign_in import BadCredentials, authenticate, find_principal, sign_in

__all__ = [
    "AlreadyAtHome",
    "ApiKeyRevoked",
    "BadCredentials",
    "BadResetCode",
    "CodeTaken",
    "DeviceNotFound",
    "Outcome",
    "PasswordRefused",
    "RefreshTokenReused",
    "SheetHeaderWrong",
    "SignedIn",
    "TooManyAttempts",
    "add_cover",
    "authenticate",
    "change_password",
    "change_person",
    "change_region",
    "change_store",
    "create_api_key",
    "create_person",
    "create_region",
    "create_reset_code",
    "create_store",
    "end_all_sessions",
    "end_session",
    "find_principal",
    "import_regions",
    "import_sheet",
    "import_staff",
    "import_stores",
    "issue_api_key",
    "new_device_token",
    "purge_sessions",
    "refresh",
    "remove_cover",
    "reset_password",
    "revoke_api_key",
    "rotate_api_key",
    "set_password",
    "sign_in",
    "start_session",
]
