"""Why a plan pays what it pays for some facts: each rule tried on each line, and each rounding."""

from typing import Literal, NamedTuple

from commissions.rules.language.facts import Facts
from commissions.rules.language.model import LineRule, Plan
from commissions.rules.pay.bases import Moment
from commissions.rules.pay.evaluate import owed
from commissions.rules.pay.lines import is_paid_at_once
from commissions.rules.pay.matching import Miss, misses, why_excluded
from commissions.rules.pay.payments import Outcome

# `decides`: the first that fits. `on_top`: fits beside it. `too_late`: fits, but an earlier one has decided.
Verdict = Literal["decides", "on_top", "too_late", "does_not_fit", "excluded"]


class Trial(NamedTuple):
    """A rule tried on a line."""

    rule: LineRule
    verdict: Verdict
    misses: list[Miss]

    @property
    def is_paid_at_once(self) -> bool:
        """Whether its money is posted with the sale, or waits for closing."""
        return is_paid_at_once(self.rule)


class LineTried(NamedTuple):
    """A line, what the plan's basis leaves it out as, and its rules in order."""

    number: int
    excluded: str | None
    trials: list[Trial]


class Explanation(NamedTuple):
    """All that explains what facts are paid."""

    lines: list[LineTried]
    outcome: Outcome


def explain(plan: Plan, facts: Facts) -> Explanation:
    """Each line with each rule that was tried on it, and what is paid in the end."""
    return Explanation(
        [try_line(plan, facts, number) for number in range(len(facts.lines))], owed(plan, facts, Moment.NOW)
    )


def try_line(plan: Plan, facts: Facts, number: int) -> LineTried:
    """A line of the facts by its number, with each line rule tried on it."""
    line = facts.lines[number]
    excluded, decided = why_excluded(plan, line), False
    trials = []
    for rule in plan.line_rules:
        missed = misses(rule.match, line, facts)
        trials.append(Trial(rule, _verdict(rule, missed, excluded=excluded is not None, decided=decided), missed))
        decided |= not missed and not rule.also
    return LineTried(number, excluded, trials)


def _verdict(rule: LineRule, missed: list[Miss], *, excluded: bool, decided: bool) -> Verdict:
    if excluded:
        return "excluded"
    if missed:
        return "does_not_fit"
    if rule.also:
        return "on_top"
    return "too_late" if decided else "decides"
