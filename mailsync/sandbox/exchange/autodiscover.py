"""Autodiscover: where a person's mailbox is reached, over SOAP (GetUserSettings) and as plain XML ("POX").

Sources: MS-OXWSADISC (GetUserSettings), MS-OXDSCLI (POX); EXD autodiscover-for-exchange.
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from mailsync.sandbox.exchange.records import Mailbox
from mailsync.sandbox.exchange.soap import Element, escape, get_local_name, get_text
from mailsync.sandbox.vendor import Answer, Request

SOAP_PATH: Final = "/autodiscover/autodiscover.svc"
POX_PATH: Final = "/autodiscover/autodiscover.xml"
NAMESPACE: Final = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
POX_REQUEST: Final = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006}"
POX_ANSWER: Final = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
XML: Final = {"content-type": "text/xml; charset=utf-8"}
SCHEMAS: Final = "Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, " + (
    "Exchange2013_SP1, Exchange2015, Exchange2016"
)
SETTING: Final = re.compile(r"[A-Z][A-Za-z0-9]{2,60}")


@dataclass(frozen=True, slots=True)
class Question:
    """Whose settings are asked for, and which of them (SOAP)."""

    users: tuple[str, ...]
    settings: tuple[str, ...]


def serve_autodiscover(boxes: dict[str, Mailbox], request: Request) -> Answer:
    """The answer to a request that has logged in."""
    if request.method != "POST":
        return Answer(405, b"", {"allow": "POST"})
    root = _parse(request.body)
    base = f"{request.scheme}://{request.headers.get('host', 'localhost')}"
    if request.path.lower().rstrip("/") == POX_PATH:
        return _answer_pox(boxes, root, base)
    if root is None:
        return Answer(400)
    return Answer(200, _answer_soap(boxes, _read_question(root), base), XML)


def _parse(body: bytes) -> Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if str(getattr(root.getroottree().docinfo, "doctype", "")) else root


def _read_question(root: Element) -> Question:
    named = [(get_local_name(each), get_text(each).strip()) for each in root.iter(f"{{{NAMESPACE}}}*")]
    return Question(
        tuple(text for name, text in named if name == "Mailbox"),
        tuple(text for name, text in named if name == "Setting"),
    )


def _list_settings(box: Mailbox, base: str) -> dict[str, str]:
    """The settings of a mailbox; others are not available."""
    url = f"{base}/EWS/Exchange.asmx"
    return {
        "UserDisplayName": box.user.capitalize(),
        "UserDN": f"/o=Acme/ou=Exchange Administrative Group/cn=Recipients/cn={box.guid.hex}-{box.user}",
        "UserDeploymentId": str(box.guid),
        "AutoDiscoverSMTPAddress": box.address,
        "InternalEwsUrl": url,
        "ExternalEwsUrl": url,
        "ExternalEwsVersion": "15.02.1748.000",
        "CasVersion": "15.02.1748.000",
        "EwsSupportedSchemas": SCHEMAS,
        "ActiveDirectoryServer": "dc1.acme.example",
        "InternalMailboxServer": f"{box.guid}@{box.address.partition('@')[2]}",
        "UserMSOnline": "False",
    }


def _answer_soap(boxes: dict[str, Mailbox], question: Question, base: str) -> bytes:
    code, text = "NoError", ""
    if not question.users or not question.settings:
        code, text = "InvalidRequest", "Both Users and RequestedSettings are required."
    responses = "".join(_write_user(boxes, user, question.settings, base) for user in question.users)
    content = f"<UserResponses>{responses}</UserResponses>" if code == "NoError" else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action s:mustUnderstand="1">'
        f"{NAMESPACE}/Autodiscover/GetUserSettingsResponse</a:Action>"
        f'<h:ServerVersionInfo xmlns:h="{NAMESPACE}"><h:MajorVersion>15</h:MajorVersion><h:MinorVersion>2'
        "</h:MinorVersion><h:MajorBuildNumber>1748</h:MajorBuildNumber><h:MinorBuildNumber>10</h:MinorBuildNumber>"
        "<h:Version>Exchange2015</h:Version></h:ServerVersionInfo></s:Header><s:Body>"
        f'<GetUserSettingsResponseMessage xmlns="{NAMESPACE}"><Response '
        f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ErrorCode>{code}</ErrorCode><ErrorMessage>{text}'
        f"</ErrorMessage>{content}</Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>"
    ).encode()


def _write_user(boxes: dict[str, Mailbox], user: str, wanted: tuple[str, ...], base: str) -> str:
    box = boxes.get(user.lower())
    if box is None:
        return (
            f"<UserResponse><ErrorCode>InvalidUser</ErrorCode><ErrorMessage>Invalid user: {escape(user)}"
            "</ErrorMessage><UserSettingErrors/><UserSettings/></UserResponse>"
        )
    known = _list_settings(box, base)
    errors = "".join(_write_error(name) for name in wanted if name not in known)
    settings = "".join(
        f'<UserSetting i:type="StringSetting"><Name>{name}</Name><Value>{escape(known[name])}</Value></UserSetting>'
        for name in wanted
        if name in known
    )
    return (
        "<UserResponse><ErrorCode>NoError</ErrorCode><ErrorMessage>No error.</ErrorMessage>"
        f"<UserSettingErrors>{errors}</UserSettingErrors><UserSettings>{settings}</UserSettings></UserResponse>"
    )


def _write_error(name: str) -> str:
    code = "SettingIsNotAvailable" if SETTING.fullmatch(name) else "InvalidSetting"
    return (
        f"<UserSettingError><ErrorCode>{code}</ErrorCode><ErrorMessage>Setting {escape(name)} is not available."
        f"</ErrorMessage><SettingName>{escape(name)}</SettingName></UserSettingError>"
    )


def _answer_pox(boxes: dict[str, Mailbox], root: Element | None, base: str) -> Answer:
    address = get_text(root.find(f".//{POX_REQUEST}EMailAddress")).strip() if root is not None else ""
    schema = get_text(root.find(f".//{POX_REQUEST}AcceptableResponseSchema")).strip() if root is not None else ""
    box = boxes.get(address.lower())
    if schema != POX_ANSWER:
        return Answer(200, _write_pox_error(600, "Invalid Request"), XML)
    if box is None:
        return Answer(200, _write_pox_error(500, "The e-mail address can't be found."), XML)
    settings = _list_settings(box, base)
    return Answer(
        200,
        (
            '<?xml version="1.0" encoding="utf-8"?><Autodiscover '
            'xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">'
            f'<Response xmlns="{POX_ANSWER}"><User><DisplayName>{escape(settings["UserDisplayName"])}</DisplayName>'
            f"<LegacyDN>{escape(settings['UserDN'])}</LegacyDN><AutoDiscoverSMTPAddress>{escape(box.address)}"
            f"</AutoDiscoverSMTPAddress><DeploymentId>{box.guid}</DeploymentId></User><Account>"
            "<AccountType>email</AccountType><Action>settings</Action>"
            + "".join(
                f"<Protocol><Type>{kind}</Type><EwsUrl>{escape(settings['ExternalEwsUrl'])}</EwsUrl><ASUrl>"
                f"{escape(settings['ExternalEwsUrl'])}</ASUrl></Protocol>"
                for kind in ("EXCH", "EXPR")
            )
            + "</Account></Response></Autodiscover>"
        ).encode(),
        XML,
    )


def _write_pox_error(code: int, text: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><Autodiscover '
        'xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"><Response>'
        f'<Error Time="00:00:00.0000000" Id="1"><ErrorCode>{code}</ErrorCode><Message>{text}</Message><DebugData/>'
        "</Error></Response></Autodiscover>"
    ).encode()
