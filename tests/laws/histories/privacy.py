"""Secrets: what only personal contacts hold, told by how it looks (L3)."""

import re

SECRET = re.compile(r"secret\d+", re.IGNORECASE)


def secrets(text: str) -> set[str]:
    """The secrets in a text; addresses are compared in lower case."""
    return {s.casefold() for s in SECRET.findall(text)}
