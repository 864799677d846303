"""What makes a binding more than a claim: somebody other than the guide saw that the customer wants it."""

# Those who can: the till, the channel in which the customer came, a scan of the guide's code by the customer, a manager
# for another guide, a file of the chain's.
CONFIRMATIONS = ("till", "channel", "scan", "manager", "import")
# Who was won by a guide, and not given to them.
WINNING = ("till", "channel", "scan")
# How a binding may come about, and how it ends.
REASONS = ("hand", "guide_code", "share", "till", "channel", "scan", "transfer", "takeover", "merged", "import")
ENDS = ("transfer", "takeover", "merged", "erased")
# How a binding came about says who confirms it; one by hand says nothing.
CONFIRMED_BY_REASON = {
    "till": "till",
    "share": "channel",
    "channel": "channel",
    "guide_code": "scan",
    "scan": "scan",
    "qr_code": "scan",
    "transfer": "manager",
    "import": "import",
}


def confirmation(
    *, reason: str, by_code: bool, own_claim: bool, by_machine: bool, told: str | None = None
) -> str | None:
    """Who confirms a binding that somebody asked for, None where it is a guide's word for themselves alone.

    A guide can read their own code off the screen, so that their sending it shows no scan. `told` is what a machine
    says of itself.
    """
    if by_machine:
        return told or ("scan" if by_code else CONFIRMED_BY_REASON.get(reason, "till"))
    if own_claim:
        return None
    return "scan" if by_code else "manager"
