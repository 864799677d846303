"""How a telephone number is written, so that the same one is always the same text, and what is shown of it."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from kit.broken_codes import check_code
from kit.words import Unfit, say

# Numbers without a country code are read as numbers of this country (ISO 3166).
HOME_COUNTRY = "CN"
HIDDEN = "****"
_CHINESE_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_DECIMALS = re.compile(r"(?<=\d{7})\.0+$")
_EXTENSION = re.compile(r"转|分机|ext|[x#]\s*\d", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s\-().\u00a0\u2010-\u2015]")


def read_phone(text: str) -> str:
    """The number in E.164; raises Unfit, and BrokenCode for what a spreadsheet has broken."""
    # Programs that read spreadsheets write a number of a telephone with decimals, and people with a quote before it.
    text = check_code(_DECIMALS.sub("", text.strip().lstrip("'")))
    if _EXTENSION.search(text):
        raise Unfit(say("unreadable.extension"))
    # The common case without the library, which takes fifty times as long.
    if found := _CHINESE_MOBILE.fullmatch(_PUNCTUATION.sub("", text)):
        return f"+86{found[1]}"
    try:
        number = phonenumbers.parse(text, HOME_COUNTRY)
    except NumberParseException:
        raise Unfit(say("unreadable.phone")) from None
    if not phonenumbers.is_valid_number(number):
        raise Unfit(say("unreadable.no_such_phone"))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def masked_phone(value: str) -> str:
    """Enough of a number in E.164 to tell two apart: 138****8000."""
    if value.startswith("+86") and len(value) == len("+8613800000000"):
        return f"{value[3:6]}{HIDDEN}{value[-4:]}"
    return f"{value[:3]}{HIDDEN}{value[-2:]}"
