"""What people, stores and regions are called in facts: apart from each other, and sorted as their codes are."""


def of_person(staff_no: str) -> str:
    """Somebody by their staff number."""
    return f"p/{staff_no}"


def of_store(code: str) -> str:
    """A store by its code."""
    return f"s/{code}"


def of_region(code: str) -> str:
    """A region by its code."""
    return f"r/{code}"
