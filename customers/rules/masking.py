"""What is shown of personal data to those who may see the customer but did not ask to see it plain."""

from kit.phones import HIDDEN, masked_phone

SHORT = 8


def masked_name(name: str) -> str:
    """The first character: 张*."""
    return f"{name[:1]}*"


def masked_birthday(iso_date: str) -> str:
    """Month and day, so that one can congratulate: ****-05-17."""
    return HIDDEN + iso_date[4:]


def masked_identity(kind: str, value: str) -> str:
    """Enough of a normalised value to tell two apart: 138****8000, z***@example.com, wm****9x."""
    if kind == "phone":
        return masked_phone(value)
    if kind == "email":
        local, _, domain = value.partition("@")
        return f"{local[:1]}***@{domain}"
    return HIDDEN if len(value) < SHORT else f"{value[:2]}{HIDDEN}{value[-2:]}"


def masked_profile(profile: dict[str, str]) -> dict[str, str | None]:
    """Every field of a profile, absent ones as None; gender and city say little and stay."""
    name, birthday = profile.get("name"), profile.get("birthday")
    return {
        "name": masked_name(name) if name else None,
        "gender": profile.get("gender"),
        "birthday": masked_birthday(birthday) if birthday else None,
        "city": profile.get("city"),
        "address": HIDDEN if profile.get("address") else None,
    }
