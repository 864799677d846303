"""Which passwords will do: NIST SP 800-63B-4, section 3.1.1.2. Long, not guessable, and otherwise as people like."""

from collections.abc import Sequence

from zxcvbn import zxcvbn

from kit.words import Said, say

MIN_ALONE = 15
MIN_WITH_SECOND_FACTOR = 8
MAX_LENGTH = 128
# zxcvbn's estimate of guesses, by common passwords, words, names, keyboard rows, repeats, sequences and dates.
MIN_GUESSES = 10**7
# What lies beyond cannot make a password weaker, only the estimate slower.
ESTIMATED_LENGTH = 40


def password_problem(password: str, *, second_factor: bool, about: Sequence[str]) -> Said | None:
    """Why a password will not do, or None; `about` is what others know of the person."""
    shortest = MIN_WITH_SECOND_FACTOR if second_factor else MIN_ALONE
    if len(password) < shortest:
        return say("too_short.text", min=shortest)
    if len(password) > MAX_LENGTH:
        return say("too_long.text", max=MAX_LENGTH)
    folded = password.casefold()
    if any(len(known) > 1 and known.casefold() in folded for known in about):
        return say("password_refused.about_you")
    estimate = zxcvbn(folded[:ESTIMATED_LENGTH], user_inputs=list(about))
    if estimate["guesses"] < MIN_GUESSES:
        return say("password_refused.guessable")
    return None
