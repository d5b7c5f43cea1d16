"""The parameter `fields`: a partial response, as `connections(names/displayName,etag),nextPageToken`."""

from collections.abc import Mapping
from typing import Any, Final, cast

from mailsync.sandbox.google.errors import invalid

_ALL: Final = "*"
_DEEPEST: Final = 20
_Tree = dict[str, Any]


def choose_fields(content: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The parts of an answer that the text asks for. Raises ApiError for a text that can't be read."""
    tree, rest = _read_list(text.replace(" ", ""), text, 0)
    if rest:
        raise _refuse(text)
    chosen = _choose(content, tree)
    return cast(dict[str, Any], chosen)


def _read_list(rest: str, whole: str, depth: int) -> tuple[_Tree, str]:
    """The selections up to a closing bracket or the end, and what follows."""
    tree: _Tree = {}
    if depth > _DEEPEST:
        raise _refuse(whole)
    while True:
        rest = _read_one(tree, rest, whole, depth)
        if not rest.startswith(","):
            return tree, rest
        rest = rest[1:]


def _read_one(tree: _Tree, rest: str, whole: str, depth: int) -> str:
    name, rest = _read_name(rest, whole)
    while rest.startswith("/"):
        tree = tree.setdefault(name, {})
        name, rest = _read_name(rest[1:], whole)
    branch: _Tree = tree.setdefault(name, {})
    if rest.startswith("("):
        inner, rest = _read_list(rest[1:], whole, depth + 1)
        if not rest.startswith(")"):
            raise _refuse(whole)
        branch |= inner
        rest = rest[1:]
    return rest


def _read_name(rest: str, whole: str) -> tuple[str, str]:
    end = next((at for at, letter in enumerate(rest) if letter in ",/()"), len(rest))
    name = rest[:end]
    if not (name == _ALL or (name.isascii() and name.replace("_", "a").isalnum())):
        raise _refuse(whole)
    return name, rest[end:]


def _choose(content: object, tree: _Tree) -> object:
    if not tree:
        return content
    if isinstance(content, list):
        return [_choose(item, tree) for item in cast(list[object], content)]
    if not isinstance(content, dict):
        return content
    known = cast(dict[str, object], content)
    if _ALL in tree:
        return {name: _choose(value, {**tree[_ALL], **tree.get(name, {})}) for name, value in known.items()}
    return {name: _choose(value, tree[name]) for name, value in known.items() if name in tree}


def _refuse(text: str) -> Exception:
    return invalid(f"Request contains an invalid argument: Invalid field selection {text}", "fields")
