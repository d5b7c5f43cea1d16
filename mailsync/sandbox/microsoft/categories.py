"""outlook/masterCategories: the mailbox's category list, which EWS keeps as the user configuration CategoryList.

A name is unique and stays as it is; a colour is one of 25 presets or none (GRD resources/outlookcategory).
"""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from lxml import etree

from mailsync.sandbox.exchange.ids import make_change_key
from mailsync.sandbox.exchange.layout import CATEGORY_LIST, get_configuration_name
from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.soap import Element
from mailsync.sandbox.exchange.store import take_number
from mailsync.sandbox.microsoft.context import Context, answer_json
from mailsync.sandbox.microsoft.decoding import need_text, read_object, refuse_unknown
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.listing import list_plain
from mailsync.sandbox.vendor import Answer

_PLACE: Final = "outlook/masterCategories"
_COLOURS: Final = ("none", *(f"preset{number}" for number in range(25)))
_LIMIT: Final = 255
_XML = "CategoryList.xsd"
_OPTIONS: Final = ("$filter", "$top", "$skip", "$count", "$select")


def list_categories(context: Context) -> Answer:
    """GET of the whole list."""
    entries = [_show(element) for element in _read(context.box)]
    return list_plain(context, _PLACE, entries, _OPTIONS)


def create_category(context: Context) -> Answer:
    """POST: 201; 409 where the name is there already, whatever its case."""
    content = read_object(context.request.body)
    _check_names(content)
    name = need_text("displayName", content.get("displayName", ""))
    if not name.strip() or len(name) > _LIMIT:
        raise Failed("ErrorInvalidRequest", "The display name of a category must be 1 to 255 characters long.")
    tree = _read(context.box)
    if any(element.get("name", "").casefold() == name.casefold() for element in tree):
        raise Failed("CategoryNameDuplicate", "A category with this name already exists.", status=409)
    element = etree.SubElement(tree, f"{{{_XML}}}category")
    colour = str(_COLOURS.index(_read_colour(content.get("color", "none"))) - 1)
    element.attrib.update({"name": name, "color": colour, "keyboardShortcut": "0", "guid": f"{{{uuid4()}}}"})
    _write(context.box, tree)
    return _answer(context, element, 201)


def get_category(context: Context) -> Answer:
    """GET of one category."""
    return _answer(context, _find(_read(context.box), context.parts[-1]), 200)


def update_category(context: Context) -> Answer:
    """PATCH of the colour; a name can't be changed."""
    content = read_object(context.request.body)
    _check_names(content)
    tree = _read(context.box)
    element = _find(tree, context.parts[-1])
    if "displayName" in content and content["displayName"] != element.get("name"):
        raise Failed("ErrorInvalidRequest", "The display name of a category can't be changed.")
    if "color" in content:
        element.set("color", str(_COLOURS.index(_read_colour(content["color"])) - 1))
    _write(context.box, tree)
    return _answer(context, element, 200)


def delete_category(context: Context) -> Answer:
    """DELETE: items keep the name."""
    tree = _read(context.box)
    tree.remove(_find(tree, context.parts[-1]))
    _write(context.box, tree)
    return Answer(204)


def _check_names(content: Any) -> None:
    for name in content:
        if name not in ("id", "displayName", "color") and "@odata." not in name:
            raise refuse_unknown(name, "outlookCategory")


def _read_colour(value: object) -> str:
    text = need_text("color", value)
    found = next((colour for colour in _COLOURS if colour.lower() == text.lower()), None)
    if found is None:
        raise Failed(
            "RequestBodyRead", f"Requested value '{text}' was not found in type 'microsoft.graph.categoryColor'."
        )
    return found


def _read(box: Mailbox) -> Element:
    """The list; one that isn't XML (an EWS client may write anything) counts as empty."""
    content = box.configurations[get_configuration_name(box, CATEGORY_LIST)].xml or b""
    try:
        return etree.fromstring(content)
    except etree.XMLSyntaxError:
        return etree.fromstring(f'<categories xmlns="{_XML}"/>'.encode())


def _write(box: Mailbox, tree: Element) -> None:
    key = get_configuration_name(box, CATEGORY_LIST)
    change_key = make_change_key(box.guid, take_number(box))
    box.configurations[key] = replace(box.configurations[key], xml=etree.tostring(tree), change_key=change_key)


def _find(tree: Element, identifier: str) -> Element:
    for element in tree:
        if _get_id(element) == identifier.lower():
            return element
    raise Failed("ErrorItemNotFound")


def _get_id(element: Element) -> str:
    return str(UUID(element.get("guid", "").strip("{}")))


def _show(element: Element) -> dict[str, Any]:
    number = int(element.get("color", "-1"))
    colour = _COLOURS[number + 1] if -1 <= number < 25 else "none"
    return {"id": _get_id(element), "displayName": element.get("name", ""), "color": colour}


def _answer(context: Context, element: Element, status: int) -> Answer:
    return answer_json({"@odata.context": context.metadata(f"{_PLACE}/$entity"), **_show(element)}, status)
