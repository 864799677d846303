"""Channel texts with placeholders such as `{guide_name}`."""

import re
from collections.abc import Mapping

from kit.words import Said, say

PLACEHOLDERS = ("customer_name", "guide_name", "store_name", "product_price")
CUSTOMER_NAME = "{customer_name}"
MOST_OFTEN = 3  # so that a text with the longest names still fits
DEFAULT_CHANNEL = "default"
MOMENTS, MOMENTS_CHARACTERS = "wecom_moments", 1800  # of the 2,000 that WeCom takes
# How someone is addressed whose name is not known: in a group, in moments, on a poster.
NOBODY_IN_PARTICULAR = {"zh": "亲", "en": "friend"}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def find_text_problems(text: str, *, channel: str, has_products: bool) -> list[Said]:
    """Why the text cannot be filled in or sent: unknown placeholders, stray braces, a price without product, length."""
    names = _PLACEHOLDER.findall(text)
    problems = [say("unknown_placeholder", name=name) for name in dict.fromkeys(names) if name not in PLACEHOLDERS]
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        problems.append(say("stray_brace"))
    if "product_price" in names and not has_products:
        problems.append(say("price_without_product"))
    problems += [
        say("placeholder_too_often", name=name, max=MOST_OFTEN)
        for name in PLACEHOLDERS
        if names.count(name) > MOST_OFTEN
    ]
    if channel == MOMENTS and len(text) > MOMENTS_CHARACTERS:
        problems.append(say("too_long.moments", max=MOMENTS_CHARACTERS))
    return problems


def channel_text(texts: Mapping[str, str], channel: str) -> str:
    """The text for a channel, or the default one."""
    return texts.get(channel) or texts[DEFAULT_CHANNEL]


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The text with these placeholders replaced; a value that itself holds braces stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def name_customer(text: str, name: str | None, *, language: str) -> str:
    """The text with the customer addressed by name, or as anybody would be."""
    return text.replace(CUSTOMER_NAME, name or NOBODY_IN_PARTICULAR[language])
