"""Secrets of the file: given as they are, by an environment variable's name, or by a file's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mailsync.settings.tables import Table


def find_secret(table: Table, name: str, place: str, base: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    """A secret given in one of three ways, and ""; or "" and the problem, which never holds the secret. One that is
    not given at all is no problem: it may be stored (`mailsync connect`).
    """
    ways = [way for way in (name, f"{name}_env", f"{name}_file") if isinstance(table.get(way), str)]
    match ways:
        case []:
            return "", ""  # what is there and of a wrong type, the shape tells
        case [way]:
            secret, problem = _fetch(way, str(table[way]), name, base, environ)
            problem = problem or ("" if secret else "it is empty; fill it in")
            return secret, f"{place}.{way}: {problem}" if problem else ""
        case several:
            return "", f"{place}.{name}: given {len(several)} times ({', '.join(several)}); keep one"


def _fetch(way: str, said: str, name: str, base: Path, environ: Mapping[str, str]) -> tuple[str, str]:
    if way == name:
        return said.strip(), ""
    if way.endswith("_env"):
        found = environ.get(said)
        return (found or "").strip(), "" if found is not None else f"the environment has no variable {said}; set it"
    try:
        return (base / said).read_text(encoding="utf-8").strip(), ""
    except OSError as error:
        return "", f"the file {base / said} can't be read: {error.strerror}"
    except UnicodeDecodeError:
        return "", f"the file {base / said} is no UTF-8 text"


def list_given(shape: BaseModel, name: str) -> dict[str, Any]:
    """The three ways as a checked section has them."""
    hidden = getattr(shape, name)
    given = {f"{name}_env": getattr(shape, f"{name}_env"), f"{name}_file": getattr(shape, f"{name}_file")}
    return {name: hidden.get_secret_value() if hidden else None, **given}
