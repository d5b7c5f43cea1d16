"""requests, with a time limit on everything: a sandbox that hangs fails its test instead of the whole run."""

from typing import Any

import requests

LIMIT = 10.0  # seconds


def get(url: str, *, timeout: float = LIMIT, **options: Any) -> requests.Response:
    """GETs on a connection of its own."""
    return requests.get(url, timeout=timeout, **options)


def post(url: str, *, timeout: float = LIMIT, **options: Any) -> requests.Response:
    """POSTs on a connection of its own."""
    return requests.post(url, timeout=timeout, **options)


def put(url: str, *, timeout: float = LIMIT, **options: Any) -> requests.Response:
    """PUTs on a connection of its own."""
    return requests.put(url, timeout=timeout, **options)


def delete(url: str, *, timeout: float = LIMIT, **options: Any) -> requests.Response:
    """DELETEs on a connection of its own."""
    return requests.delete(url, timeout=timeout, **options)
