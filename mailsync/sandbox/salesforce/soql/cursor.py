"""The place in a text up to which a parser has read."""

from mailsync.sandbox.salesforce.soql.refusals import malformed
from mailsync.sandbox.salesforce.soql.source import SoqlError
from mailsync.sandbox.salesforce.soql.tokens import Token, scan

# Deeper nesting than any real query has; it keeps the reading of hostile text within Python's own stack.
_DEEPEST = 60

# Objects whose names are words of the grammar: FROM Group, FROM Order.
_OBJECTS = frozenset({"GROUP", "ORDER"})

# What can't be an alias or a lone field name (the documented reserved words, and the words that open a clause).
RESERVED = frozenset(
    word
    for words in (
        ("ALL", "AND", "AS", "ASC", "BY", "DESC", "EXCLUDES", "FALSE", "FIRST", "FOR", "FROM", "GROUP"),
        (
            "HAVING",
            "IN",
            "INCLUDES",
            "LAST",
            "LIKE",
            "LIMIT",
            "NOT",
            "NULL",
            "NULLS",
            "OFFSET",
            "OR",
            "ORDER",
            "SELECT",
            "TYPEOF",
        ),
        ("TRUE", "UPDATE", "USING", "WHERE", "WITH"),
    )
    for word in words
)


class Cursor:
    """Reads the tokens of one text, forwards only."""

    __slots__ = ("_depth", "_index", "_tokens", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = scan(text)
        self._index = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The token that is next."""
        return self._tokens[self._index]

    @property
    def following(self) -> Token:
        """The token after the next one; the end stays the end."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    @property
    def read_to(self) -> int:
        """The character behind the last token taken."""
        last = self._tokens[self._index - 1]
        return last.at + len(last.text)

    def take(self) -> Token:
        """The next token, and moves on. The end can be taken any number of times."""
        token = self._tokens[self._index]
        if token.kind != "end":
            self._index += 1
        return token

    def skip(self, *words: str) -> bool:
        """Moves behind these words if they are exactly what comes next; tells whether it did."""
        ahead = self._tokens[self._index : self._index + len(words)]
        if tuple(token.word for token in ahead) != words:
            return False
        self._index += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Moves behind these words. Raises SoqlError at the first that isn't there."""
        for word in words:
            if self.token.word != word:
                raise self.unexpected()
            self._index += 1

    def name(self, *, dotted: bool = False) -> Token:
        """Takes a name that isn't reserved. Raises SoqlError for anything else, and for dots unless allowed."""
        token = self.token
        if token.kind != "name" or token.word in RESERVED or ("." in token.text and not dotted):
            raise self.unexpected()
        return self.take()

    def any_name(self) -> Token:
        """Takes a name without dots, reserved or not. Raises SoqlError for anything else."""
        if self.token.kind != "name" or "." in self.token.text:
            raise self.unexpected()
        return self.take()

    def object_name(self) -> Token:
        """Takes the name of an object. Raises SoqlError for anything else."""
        return self.take() if self.token.word in _OBJECTS else self.name()

    def unexpected(self) -> SoqlError:
        """The refusal of the next token."""
        token = self.token
        return malformed(self.text, token.at, f"unexpected token: '{token.text or '<EOF>'}'")

    def deepen(self) -> None:
        """Enters a nested part. Raises SoqlError(QUERY_TOO_COMPLICATED) if the text nests too deep."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SoqlError("QUERY_TOO_COMPLICATED", "the query nests its parentheses and functions too deep")

    def rise(self) -> None:
        """Leaves a nested part."""
        self._depth -= 1
