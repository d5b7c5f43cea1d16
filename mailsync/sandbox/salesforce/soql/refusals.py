"""The words in which Salesforce refuses a query: an excerpt, a caret, a place and the reason."""

from mailsync.sandbox.salesforce.soql.source import SoqlError

_BEFORE = 60
_AFTER = 40


def refusal(code: str, text: str, at: int, message: str) -> SoqlError:
    """The error of a query that is wrong at character `at` (from 0) of `text`, located as Salesforce locates it.

    The form ("ERROR at Row:1:Column:21") is that of the recorded answers in vendors/salesforce.md, section 4.
    """
    row = text.count("\n", 0, at) + 1
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    column = at - start
    first = max(start, at - _BEFORE)
    last = min(len(text) if end < 0 else end, at + _AFTER)
    caret = " " * (at - first) + "^"
    return SoqlError(code, f"\n{text[first:last]}\n{caret}\nERROR at Row:{row}:Column:{column + 1}\n{message}")


def malformed(text: str, at: int, message: str) -> SoqlError:
    """A query that isn't SOQL, or that the sandbox knowingly doesn't serve: MALFORMED_QUERY, never a guess."""
    return refusal("MALFORMED_QUERY", text, at, message)


def missing_type(text: str, at: int, name: str) -> SoqlError:
    """INVALID_TYPE: the object isn't there for this user."""
    return refusal(
        "INVALID_TYPE",
        text,
        at,
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
        "the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def missing_child(text: str, at: int, name: str) -> SoqlError:
    """INVALID_TYPE: the object has no child relationship of that name."""
    return refusal(
        "INVALID_TYPE",
        text,
        at,
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or "
        "the describe call for the appropriate names.",
    )


def missing_column(text: str, at: int, name: str, entity: str) -> SoqlError:
    """INVALID_FIELD: the field isn't there for this user (unknown, or hidden by field security)."""
    return refusal(
        "INVALID_FIELD",
        text,
        at,
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def missing_relationship(text: str, at: int, name: str) -> SoqlError:
    """INVALID_FIELD: a parent path goes through a relationship that isn't there for this user."""
    return refusal(
        "INVALID_FIELD",
        text,
        at,
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, "
        "be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe "
        "call for the appropriate names.",
    )
