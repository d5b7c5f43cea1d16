"""What a world says of a mailbox beside its folders (photo, user configurations), and of the server (throttling)."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mailsync.sandbox.exchange.budgets import NAMES, Policy, dump_policy, make_policy
from mailsync.sandbox.exchange.configurations import TYPES, Dictionary
from mailsync.sandbox.exchange.ids import make_change_key
from mailsync.sandbox.exchange.layout import CATEGORY_LIST, SLASH, get_configuration_name
from mailsync.sandbox.exchange.records import Configuration, Mailbox
from mailsync.sandbox.exchange.store import take_number
from mailsync.sandbox.exchange.worlditems import need_bytes, need_list, need_object, need_text
from mailsync.sandbox.vendor import Refused

SETTING_KEYS: Final = ("photo", "categories", "configurations")
CONFIGURATION_KEYS: Final = ("folder", "name", "xml", "binary", "dictionary")


def check_keys(part: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raises Refused for a key that is not among those known."""
    unknown = sorted(set(part) - set(known))
    if unknown:
        raise Refused(f"{where}.{unknown[0]}: there is no such key; give {', '.join(known)}")


def read_policy(world: Mapping[str, Any]) -> Policy:
    """The throttling of a world, by the vendor's names. Raises Refused, naming the key that is wrong."""
    shown = need_object(world.get("throttling", {}), "exchange.throttling")
    check_keys(shown, NAMES, "exchange.throttling")
    for name, value in shown.items():
        if type(value) is not int or value < 0:
            raise Refused(f"exchange.throttling.{name}: give a whole number of 0 or more")
    return make_policy(dict(shown))


def write_policy(policy: Policy) -> dict[str, Any]:
    """The part of a world that `read_policy` reads; {} where nothing is throttled."""
    shown = dump_policy(policy)
    return {"throttling": shown} if shown else {}


def load_settings(box: Mailbox, part: Mapping[str, Any], where: str) -> None:
    """Gives a mailbox its photo and configurations. Raises Refused, naming the key that is wrong."""
    box.photo = need_bytes(part.get("photo", ""), f"{where}.photo")
    if "categories" in part:
        _keep(box, get_configuration_name(box, CATEGORY_LIST), need_text(part["categories"], f"{where}.categories"))
    for position, content in enumerate(need_list(part.get("configurations", []), f"{where}.configurations")):
        inner = f"{where}.configurations[{position}]"
        _load_configuration(box, need_object(content, inner), inner)


def _keep(box: Mailbox, key: str, xml: str) -> None:
    old = box.configurations[key]
    box.configurations[key] = Configuration(old.number, old.change_key, xml.encode(), old.binary, old.dictionary)


def _load_configuration(box: Mailbox, part: Mapping[str, Any], where: str) -> None:
    check_keys(part, CONFIGURATION_KEYS, where)
    name, place = need_text(part.get("name"), f"{where}.name"), need_text(part.get("folder"), f"{where}.folder")
    folder_id = box.distinguished.get(place, place)
    if folder_id not in box.folders:
        raise Refused(f"{where}.folder: there is no folder {place!r}; give a well-known name or a folder's Id")
    number = take_number(box)
    box.configurations[get_configuration_name(box, name, folder_id)] = Configuration(
        number,
        make_change_key(box.guid, number),
        need_bytes(part["xml"], f"{where}.xml") if "xml" in part else None,
        need_bytes(part["binary"], f"{where}.binary") if "binary" in part else None,
        _read_dictionary(part["dictionary"], f"{where}.dictionary") if "dictionary" in part else None,
    )


def _read_dictionary(value: object, where: str) -> Dictionary:
    pairs: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for position, content in enumerate(need_list(value, where)):
        inner = f"{where}[{position}]"
        pair = need_list(content, inner)
        if len(pair) != 2:
            raise Refused(f"{inner}: give a key and a value, each a list of a type and its texts")
        pairs.append((_read_object(pair[0], inner), _read_object(pair[1], inner)))
    return tuple(pairs)


def _read_object(value: object, where: str) -> tuple[str, ...]:
    texts = tuple(need_text(text, where) for text in need_list(value, where))
    if texts and texts[0] not in TYPES:
        raise Refused(f"{where}: a value begins with its type, one of {', '.join(TYPES)}")
    return texts


def dump_settings(box: Mailbox) -> dict[str, Any]:
    """The part of a world that `load_settings` reads."""
    main = get_configuration_name(box, CATEGORY_LIST)
    shown: dict[str, Any] = {}
    if main in box.configurations:
        shown["categories"] = (box.configurations[main].xml or b"").decode("utf-8", "replace")
    if box.photo:
        shown["photo"] = base64.b64encode(box.photo).decode()
    others = [_dump_configuration(box, key) for key in box.configurations if key != main]
    return {**shown, "configurations": others} if others else shown


def _dump_configuration(box: Mailbox, key: str) -> dict[str, Any]:
    folder_id, _, name = key.rpartition("/")
    found = box.configurations[key]
    folder = box.folders.get(folder_id)
    shown: dict[str, Any] = {
        "folder": folder.distinguished or folder_id if folder else folder_id,
        "name": name.replace(SLASH, "/"),
    }
    if found.xml is not None:
        shown["xml"] = base64.b64encode(found.xml).decode()
    if found.binary is not None:
        shown["binary"] = base64.b64encode(found.binary).decode()
    if found.dictionary is not None:
        shown["dictionary"] = [[list(key), list(value)] for key, value in found.dictionary]
    return shown
