"""Bodies that are not what they claim: each function makes of a good answer the kind of bad one it is named after."""

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

import orjson

from mailsync.sandbox.vendor import Answer

_GZIP: Final = {"content-encoding": "gzip"}
_ATTRIBUTE: Final = re.compile(rb"""<\w[\w:.-]*\s+([\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))""")


def malform(answer: Answer, details: Mapping[str, Any]) -> Answer:
    """The answer, spoiled as `how` of the details says (one of faultdetails.MALFORMATIONS)."""
    how: str = details.get("how", "garble")
    if how == "content_type":
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
        return replace(answer, headers={**kept, "content-type": details.get("content_type", "text/html")})
    if how in _ENCODED:
        body, headers = _ENCODED[how](answer.body)
        return replace(answer, body=body, headers={**answer.headers, **headers})
    return replace(answer, body=_BODIES[how](answer.body))


def _cut_gzip(body: bytes) -> tuple[bytes, Mapping[str, str]]:
    stream = gzip.compress(body, mtime=0)
    return stream[: len(stream) // 2], _GZIP


def _garble(body: bytes) -> bytes:
    """As long as before, and neither XML nor JSON any more: the middle third is overwritten."""
    third = max(1, len(body) // 3)
    noise = (b"\x00<{" * third)[:third]
    return (body[:third] + noise + body[2 * third :])[: len(body)]


def _inject(noise: bytes) -> Callable[[bytes], bytes]:
    def overwrite(body: bytes) -> bytes:
        middle = len(body) // 2
        return (body[:middle] + noise + body[middle + len(noise) :])[: len(body)]

    return overwrite


def _double_keys(body: bytes) -> bytes:
    """JSON: every object has its last key once more, with null. XML: the first attribute is given twice."""
    if body.startswith(b"<"):
        return _ATTRIBUTE.sub(lambda found: found[0] + b" " + found[1], body, count=1)
    try:
        return _write_doubled(orjson.loads(body))
    except orjson.JSONDecodeError:
        return body


def _write_doubled(value: object) -> bytes:
    if isinstance(value, list):
        return b"[" + b",".join(_write_doubled(item) for item in cast(list[object], value)) + b"]"
    if not isinstance(value, dict):
        return orjson.dumps(value)
    pairs = [(orjson.dumps(key), _write_doubled(item)) for key, item in cast(dict[str, object], value).items()]
    doubled = [*pairs, (pairs[-1][0], b"null")] if pairs else []
    return b"{" + b",".join(key + b":" + item for key, item in doubled) + b"}"


_ENCODED: Final[Mapping[str, Callable[[bytes], tuple[bytes, Mapping[str, str]]]]] = {
    "gzip": lambda body: (body, _GZIP),
    "gzip_cut": _cut_gzip,
    "gzip_undeclared": lambda body: (gzip.compress(body, mtime=0), {"content-encoding": "identity"}),
}
_BODIES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "garble": _garble,
    "bom": lambda body: b"\xef\xbb\xbf" + body,
    "utf8": _inject(b"\xff\xfe"),
    "control": _inject(b"\x01\x08"),
    "duplicate_keys": _double_keys,
}
