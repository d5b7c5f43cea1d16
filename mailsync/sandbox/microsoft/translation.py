"""translateExchangeIds: up to 1000 ids from one form into another (GRD api/user-translateexchangeids)."""

from typing import Any, Final, cast

from mailsync.sandbox.microsoft.context import Context, answer_json
from mailsync.sandbox.microsoft.decoding import need_text, read_object
from mailsync.sandbox.microsoft.errors import Failed
from mailsync.sandbox.microsoft.identifiers import translate
from mailsync.sandbox.vendor import Answer

_FORMS: Final = ("ewsId", "restId", "restImmutableEntryId")
_OTHERS: Final = ("entryId", "immutableEntryId")
_MOST: Final = 1000


def translate_ids(context: Context) -> Answer:
    """POST translateExchangeIds; an id that can't be translated has an error of its own in its place."""
    content = read_object(context.request.body)
    source, target = (_read_form(content, name) for name in ("sourceIdType", "targetIdType"))
    given: object = content.get("inputIds")
    if not isinstance(given, list) or len(cast(list[object], given)) > _MOST:
        raise Failed("ErrorInvalidRequest", f"inputIds: a collection of at most {_MOST} ids is expected.")
    value = [_translate(context, need_text("inputIds", text), source, target) for text in cast(list[object], given)]
    metadata = f"{context.root}/$metadata#Collection(microsoft.graph.convertIdResult)"
    return answer_json({"@odata.context": metadata, "value": value})


def _read_form(content: Any, name: str) -> str:
    text = need_text(name, content.get(name))
    for form in _FORMS:
        if form.lower() == text.lower():
            return form
    if text in _OTHERS:
        raise Failed("ErrorInvalidRequest", f"{name}: the sandbox knows no MAPI entry ids.", status=501)
    raise Failed("BadRequest", f"Requested value '{text}' was not found in type 'microsoft.graph.exchangeIdFormat'.")


def _translate(context: Context, identifier: str, source: str, target: str) -> dict[str, Any]:
    try:
        return {"sourceId": identifier, "targetId": translate(context.box, identifier, source, target)}
    except Failed as failed:
        return {"sourceId": identifier, "errorDetails": {"code": failed.code, "message": failed.text}}
