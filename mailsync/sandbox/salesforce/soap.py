"""SOAP Partner API: merge and undelete, which REST does not have (vendors/salesforce.md §1)."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from lxml import etree

from mailsync.sandbox.salesforce.ids import full_id
from mailsync.sandbox.salesforce.org import Org, Person
from mailsync.sandbox.salesforce.refusal import ApiError
from mailsync.sandbox.salesforce.removal import merge_records, undelete_record
from mailsync.sandbox.salesforce.schema import TEXTUAL, ObjectSpec
from mailsync.sandbox.salesforce.values import WrongType
from mailsync.sandbox.salesforce.viewer import Viewer
from mailsync.sandbox.vendor import Answer, Request

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PATH = re.compile(r"/services/Soap/u/(\d+)(?:\.0)?(?:/.*)?")
_MOST_IDS = 200
_OLDEST, _NEWEST = 59, 68
_OPERANDS = {"merge": "request", "undelete": "ids"}  # the Partner WSDL's names, which jsforce's merge misses
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>"
)
_TAIL = "</soapenv:Body></soapenv:Envelope>"

FindPerson = Callable[[Org, str], Person | None]


class SoapFault(Exception):
    """A request that fails as a whole; `code` is the vendor's exception code, "" for XML that the WSDL doesn't have."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def answer_soap(org: Org, request: Request, find_person: FindPerson) -> Answer:
    """Carries out the one operation in the envelope; a fault is HTTP 500."""
    try:
        found = _PATH.fullmatch(request.path)
        if found is None or not _OLDEST <= int(found[1]) <= _NEWEST:
            raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        operation, token = read_envelope(request.body)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        person = find_person(org, token or (bearer.strip() if scheme.lower() == "bearer" else ""))
        if person is None:
            raise SoapFault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
        if org.used() >= org.daily_limit:
            raise SoapFault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        org.spend(1)
        return _envelope(200, _run(Viewer(org, person), operation))
    except SoapFault as fault:
        return show_fault(fault)


def read_envelope(body: bytes) -> tuple[Element, str]:
    """The operation's element and the session id. Raises SoapFault for what is no envelope."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SoapFault("INVALID_SOAP_ENVELOPE", "the request is no well-formed XML document") from None
    bodies = root.findall(f"{{{_ENVELOPE}}}Body")
    operations = list(bodies[0]) if bodies else []
    if not operations:
        raise SoapFault("INVALID_SOAP_ENVELOPE", "the envelope has no operation in its Body")
    header = root.find(f"{{{_ENVELOPE}}}Header")
    tokens = [] if header is None else [_text(found) for found in header.iter() if name_of(found) == "sessionId"]
    return operations[0], tokens[0] if tokens else ""


def name_of(element: Element) -> str:
    """The local name of an element."""
    return element.tag.rpartition("}")[2]


def show_fault(fault: SoapFault) -> Answer:
    """A fault in the vendor's shape."""
    code, message = escape(fault.code), escape(fault.message)
    if not code:
        text = f"<faultcode>soapenv:Client</faultcode><faultstring>{message}</faultstring>"
        return _envelope(500, f"<soapenv:Fault>{text}</soapenv:Fault>")
    return _envelope(
        500,
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>"
        f'<sf:UnexpectedErrorFault xsi:type="sf:UnexpectedErrorFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:UnexpectedErrorFault></detail></soapenv:Fault>",
    )


def _run(viewer: Viewer, operation: Element) -> str:
    name = name_of(operation)
    for child in operation if name in _OPERANDS else ():
        if name_of(child) != _OPERANDS[name]:
            place = str(child.tag) if "}" in child.tag else f"{{}}{child.tag}"
            raise SoapFault("", f"Element {place} invalid at this location")
    if name == "merge":
        results = [_merge(viewer, request) for request in operation]
    elif name == "undelete":
        ids = _texts(operation, "ids")
        if len(ids) > _MOST_IDS:
            raise SoapFault("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {_MOST_IDS} records")
        results = [_undelete(viewer, text) for text in ids]
    else:
        raise SoapFault(
            "INVALID_OPERATION", f"No operation available for request {{urn:partner.soap.sforce.com}}{name}"
        )
    return f"<{name}Response>{''.join(results)}</{name}Response>"


def _undelete(viewer: Viewer, text: str) -> str:
    mark = viewer.org.mark()
    try:
        spec, record_id = _typed_id(viewer, text)
        undelete_record(viewer, spec, record_id)
    except ApiError as error:
        viewer.org.rollback(mark)
        return f'<result>{_errors([error])}<id xsi:nil="true"/><success>false</success></result>'
    return f"<result><id>{record_id}</id><success>true</success></result>"


def _merge(viewer: Viewer, request: Element) -> str:
    mark = viewer.org.mark()
    try:
        spec, master, values = _read_master(viewer, request)
        losers = [_typed_id(viewer, text)[1] for text in _texts(request, "recordToMergeIds")]
        moved = merge_records(viewer, spec, master, losers, values)
    except (ApiError, WrongType) as error:
        viewer.org.rollback(mark)
        refusal = error if isinstance(error, ApiError) else ApiError("INVALID_FIELD", f"{error.field}: wrong type")
        return f'<result>{_errors([refusal])}<id xsi:nil="true"/><success>false</success></result>'
    merged = "".join(f"<mergedRecordIds>{loser}</mergedRecordIds>" for loser in losers)
    related = "".join(f"<updatedRelatedIds>{record_id}</updatedRelatedIds>" for record_id in moved)
    return f"<result><id>{master}</id>{merged}<success>true</success>{related}</result>"


def _read_master(viewer: Viewer, request: Element) -> tuple[ObjectSpec, str, dict[str, Any]]:
    record = next((child for child in request if name_of(child) == "masterRecord"), None)
    if record is None:
        raise SoapFault("INVALID_SOAP_ENVELOPE", "merge: masterRecord is missing")
    spec, record_id = _typed_id(viewer, next(iter(_texts(record, "Id")), ""))
    values: dict[str, Any] = dict.fromkeys(_texts(record, "fieldsToNull"))
    for child in record:
        name = name_of(child)
        if name and name not in ("type", "Id", "fieldsToNull"):
            values[name] = _typed(spec, name, _text(child))
    return spec, record_id, values


def _typed(spec: ObjectSpec, name: str, text: str) -> Any:
    """XML text as the JSON value that the field's type takes."""
    field = spec.fields.get(name.lower())
    if field is None or field.type in TEXTUAL:
        return text
    if field.type == "boolean":
        return text in ("true", "1")
    if field.type in ("int", "double", "currency", "percent"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _typed_id(viewer: Viewer, text: str) -> tuple[ObjectSpec, str]:
    record_id = full_id(text)
    spec = next((spec for spec in viewer.org.objects.values() if text.startswith(spec.prefix)), None)
    if record_id is None or spec is None:
        raise ApiError("MALFORMED_ID", f"malformed id {text}", ())
    return spec, record_id


def _errors(errors: Sequence[ApiError]) -> str:
    return "".join(
        "<errors>"
        + "".join(f"<fields>{escape(name)}</fields>" for name in error.fields or ())
        + f"<message>{escape(error.message)}</message><statusCode>{error.code}</statusCode></errors>"
        for error in errors
    )


def _texts(parent: Element, name: str) -> list[str]:
    return [_text(child) for child in parent if name_of(child) == name]


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _envelope(status: int, inner: str) -> Answer:
    return Answer(status, f"{_HEAD}{inner}{_TAIL}".encode(), {"content-type": "text/xml;charset=UTF-8"})
