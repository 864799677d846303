"""Whether the examples inside a plan come out as it says."""

from typing import NamedTuple

from commissions.rules.language.model import Example, Expected, Plan
from commissions.rules.pay.evaluate import changes_after, owed
from commissions.rules.pay.payments import Outcome, Payment


class Difference(NamedTuple):
    """What an example expects, and what the plan pays: at approval, and what later refunds change."""

    expected: Expected
    amount: int
    later: int


class Tried(NamedTuple):
    """An example, what does not come out as it says, and what the plan had to ask."""

    name: str
    differences: list[Difference]
    outcome: Outcome

    @property
    def passed(self) -> bool:
        """Whether all comes out as the example says."""
        return not self.differences


def try_examples(plan: Plan) -> list[Tried]:
    """Every example of the plan, tried."""
    return [try_example(plan, example) for example in plan.examples]


def try_example(plan: Plan, example: Example) -> Tried:
    """An example held against what the plan pays for its facts."""
    outcome, changes = owed(plan, example.facts), changes_after(plan, example.facts)
    found = [Difference(one, _sum(outcome.payments, one), _sum(changes, one)) for one in example.expected]
    wrong = [one for one in found if (one.amount, one.later) != (one.expected.amount, one.expected.later)]
    return Tried(example.name, wrong, outcome)


def _sum(payments: list[Payment], expected: Expected) -> int:
    own = (one for one in payments if one.to.code == expected.to and expected.rule in (None, one.rule))
    return sum(one.amount for one in own)
