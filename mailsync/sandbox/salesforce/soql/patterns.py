"""LIKE: whether a text fits a pattern, in time that grows with the text and not with the number of %."""

import re
from collections.abc import Callable

_PART = re.compile(r"\\(.)|([%_])|([^\\%_]+)", re.DOTALL)


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A test of casefolded texts against a pattern: % is any run of characters, _ any one, a backslash escapes both."""
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        whole = pieces[0]
        return lambda text: whole.fullmatch(text) is not None
    first, *middle, last = pieces
    if not first.pattern and not last.pattern and len(middle) == 1:
        inner = middle[0]
        return lambda text: inner.search(text) is not None
    ending = re.compile(f"(?:{last.pattern})\\Z", re.DOTALL)

    def fits(text: str) -> bool:
        found = first.match(text)
        for piece in middle:
            if found is None:
                return False
            found = piece.search(text, found.end())
        return found is not None and ending.search(text, found.end()) is not None

    return fits


def _pieces(pattern: str) -> list[re.Pattern[str]]:
    """The parts between the % signs; none repeats anything, so leftmost matches decide and nothing backtracks."""
    pieces: list[list[str]] = [[]]
    for escaped, wild, plain in _PART.findall(pattern):
        if wild == "%":
            pieces.append([])
        else:
            pieces[-1].append("." if wild else re.escape((escaped or plain).casefold()))
    return [re.compile("".join(piece), re.DOTALL) for piece in pieces]
