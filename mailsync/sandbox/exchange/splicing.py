"""Requests of which some inputs are refused on purpose: the rest is carried out, refusals are put in their places."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from lxml import etree

from mailsync.sandbox.exchange.context import list_inputs, write_error
from mailsync.sandbox.exchange.errors import Failed
from mailsync.sandbox.exchange.schema import INPUTS
from mailsync.sandbox.exchange.soap import (
    XML,
    Element,
    find_child,
    get_children,
    get_local_name,
    read_envelope,
    write_answer,
)
from mailsync.sandbox.vendor import Answer, Request


def refuse_inputs(request: Request, chosen: Mapping[int, Failed], answer: Callable[[Request], Answer]) -> Answer:
    """The answer to a request whose chosen inputs are refused; nothing of them is carried out.

    The request must be a readable envelope (soap.read_envelope raises Fault for any other).
    """
    operation = read_envelope(request.body).operation
    name, inputs = get_local_name(operation), list_inputs(operation)
    if len(chosen) == len(inputs):
        return Answer(200, write_answer(name, [write_error(name, chosen[at]) for at in range(len(inputs))]), XML)
    listed = find_child(operation, INPUTS.get(name, ""))
    if not chosen or listed is None:
        return answer(request)
    for at in chosen:
        listed.remove(inputs[at])
    inner = answer(replace(request, body=etree.tostring(operation.getroottree(), encoding="utf-8")))
    if inner.status != 200:
        return inner
    root = etree.fromstring(inner.body)
    messages = list_messages(root)
    if len(messages) != len(inputs) - len(chosen):
        return inner
    refusals = etree.fromstring(write_answer(name, [write_error(name, failed) for failed in chosen.values()]))
    for at, message in zip(chosen, list_messages(refusals), strict=True):
        _find_list(root).insert(at, message)
    return write_document(inner, root)


def list_messages(root: Element) -> list[Element]:
    """The response messages of an answer's envelope; none where it is a fault."""
    return get_children(_find_list(root))


def write_document(answer: Answer, root: Element) -> Answer:
    """The answer with another envelope."""
    return replace(answer, body=etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _find_list(root: Element) -> Element:
    found = next((element for element in root.iter() if get_local_name(element) == "ResponseMessages"), None)
    return found if found is not None else etree.Element("ResponseMessages")
