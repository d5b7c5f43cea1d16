"""Microsoft's own schema as the judge of every answer of the sandbox's Exchange.

The schema files are not part of the project: they lie where MAILSYNC_EWS_XSD says, else beside the checkout. libxml2
needs two changes of the text in memory: a place for the xml: namespace, and calendar transitions it can tell apart.
"""

import json
import os
import re
import tempfile
import warnings
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from lxml import etree

from mailsync.sandbox.log import Entry
from mailsync.sandbox.vendor import Call, Request

ROOT = Path(__file__).parents[3]
XML_NAMESPACE = (
    '<?xml version="1.0"?><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'targetNamespace="http://www.w3.org/XML/1998/namespace"><xs:attribute name="lang" type="xs:language"/></xs:schema>'
)
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


def find_schemas() -> Path:
    """Where the schema files should lie."""
    return Path(os.environ.get("MAILSYNC_EWS_XSD") or ROOT.parent / "shared" / "vendors" / "schemas")


@cache
def load_schema() -> etree.XMLSchema | None:
    """messages.xsd with types.xsd; None, with a warning, where they are absent."""
    folder = find_schemas()
    if not (folder / "messages.xsd").is_file():
        warnings.warn(
            "NO EWS SCHEMA: the sandbox's answers are NOT held against Microsoft's schema in this run; "
            "set MAILSYNC_EWS_XSD to the folder with messages.xsd and types.xsd",
            stacklevel=1,
        )
        return None
    with tempfile.TemporaryDirectory() as place:
        types = (folder / "types.xsd").read_text("utf-8-sig")
        types = re.sub(
            r'<xs:import\s+namespace="http://www.w3.org/XML/1998/namespace"\s*/>',
            '<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>',
            types,
        )
        types = re.sub(r'<xs:element ref="t:(?:AbsoluteDate|RecurringDay|RecurringDate)Transition"[^>]*/>', "", types)
        messages = (folder / "messages.xsd").read_text("utf-8-sig")
        Path(place, "xml.xsd").write_text(XML_NAMESPACE)
        Path(place, "types.xsd").write_text(types, "utf-8")
        Path(place, "messages.xsd").write_text(messages, "utf-8")
        return etree.XMLSchema(etree.parse(str(Path(place, "messages.xsd"))))


def find_violation(body: bytes) -> str:
    """What the schema has against the content of a request's or an answer's envelope, if anything; faults have none."""
    root = etree.fromstring(body)
    content = root.find(f"{SOAP}Body")[0]
    schema = load_schema()
    if content.tag == f"{SOAP}Fault" or schema is None:
        return ""
    alone = etree.fromstring(etree.tostring(content))
    if schema.validate(alone):
        return ""
    return f"{schema.error_log.last_error}\n{etree.tostring(alone, pretty_print=True).decode()[:3000]}"


def check_valid(body: bytes) -> etree._Element:
    """The parsed envelope, its content held against the schema. Raises AssertionError."""
    violation = find_violation(body)
    assert not violation, violation
    return etree.fromstring(body)


def list_violations(entries: Iterable[Entry]) -> list[str]:
    """What the schema has against the EWS requests that the sandbox carried out, and against its answers.

    Left out: what a fault struck, what was not let in, and requests that the sandbox itself refused.
    """
    found: list[str] = []
    for entry in entries:
        soap = entry.request.path.lower().endswith(".asmx") and entry.call.operation != "authenticate"
        if entry.vendor != "exchange" or not soap or entry.fault or entry.status not in (200, 500):
            continue
        answer = find_violation(entry.response)
        request = find_violation(entry.request.body) if entry.status == 200 else ""
        found += [f"{entry.n} {entry.call.operation} {what}: {text}" for what, text in
                  (("request", request), ("answer", answer)) if text]  # fmt: skip
    return found


def read_entry(line: bytes) -> Entry:
    """A request from a sandbox's log file."""
    shown = json.loads(line)
    request = Request(shown["method"], shown["path"], shown["query"], shown["headers"], shown["request"].encode())
    return Entry(
        n=shown["n"],
        time=datetime.fromisoformat(shown["time"]),
        vendor=shown["vendor"],
        call=Call(shown["operation"], tuple(shown["actions"])),
        request=request,
        received=shown["sizes"]["request"],
        status=shown["status"],
        response=shown["response"].encode(),
        sent=shown["sizes"]["response"],
        fault=shown["fault"],
        dropped=shown["dropped"],
    )
