"""Google's client library, built from our own copy of the part of Google's discovery document that is used.

The library's own copies may be pruned from an image (vendors/mailbox.md D3), and asking Google for the document would
cost each process a request. A test holds the copy against the library's.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false

import json
from functools import cache
from importlib.resources import files
from typing import Any

from googleapiclient.discovery import build_from_document


def build_service(url: str, http: object) -> Any:
    """The People service at `url`, its requests carried by `http`; sends nothing."""
    return build_from_document(
        _read_document(), http=http, client_options={"api_endpoint": f"{url.rstrip('/')}/"}, always_use_jwt_access=False
    )


@cache
def _read_document() -> dict[str, Any]:
    text = files("mailsync.mailbox.google").joinpath("people.v1.json").read_text(encoding="utf-8")
    return json.loads(text)
