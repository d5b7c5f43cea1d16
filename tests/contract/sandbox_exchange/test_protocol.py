"""Log-in, faults, schema violations, the vendor interface, and the operations beside items and folders."""

import base64

import pytest
from lxml import etree

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Refused, Request
from tests.contract.sandbox_exchange.oracle import check_valid
from tests.contract.sandbox_exchange.wire import (
    NS,
    Mailbox,
    basic,
    create_item,
    envelope,
    find_item,
    folder_ref,
    read_ref,
    request,
    set_field,
    shape,
    sync_items,
    text,
    texts,
    update_item,
)
from tests.services.growth import growth

GET = (
    f'<m:GetFolder>{shape(what="Folder")}<m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds>'
    "</m:GetFolder>"
)
JO = "<t:GivenName>Jo</t:GivenName>"


@pytest.mark.parametrize("login", ["ann@acme.example", "ACME\\ann", "\\ann@acme.example", "ANN@Acme.Example"])
def test_the_forms_of_a_login(exchange: Exchange, login: str) -> None:
    assert exchange.answer(Request("POST", "/ews/EXCHANGE.asmx", "", basic(login), envelope(GET))).status == 200


@pytest.mark.parametrize(
    "headers",
    [{}, basic("ann@acme.example", "wrong"), basic("nobody@acme.example"), basic("ann@else.example"),
     {"authorization": "Basic %%%"}, {"authorization": "Bearer sandbox-ann"}],
)  # fmt: skip
def test_a_failed_login_is_challenged(exchange: Exchange, headers: dict[str, str]) -> None:
    answer = exchange.answer(Request("POST", "/EWS/Exchange.asmx", "", headers, envelope(GET)))
    assert answer.status == 401
    assert answer.headers["www-authenticate"].split("\n") == ["NTLM", 'Basic realm="acme.example"']
    assert answer.body == b""


def test_only_posts_are_served(exchange: Exchange) -> None:
    assert exchange.serves("/ews/exchange.ASMX")
    assert not exchange.serves("/ews/other.asmx")
    assert exchange.answer(Request("GET", "/EWS/Exchange.asmx", "", basic("ann@acme.example"), b"")).status == 405


def impersonate(address: str) -> str:
    return (
        "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>"
        f"{address}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>"
    )


def test_who_may_act_as_whom(exchange: Exchange, ann: Mailbox) -> None:
    assert ann.post(GET, impersonate("ann@acme.example")).status == 200
    assert ann.fault(GET, impersonate("eve@acme.example"))[0] == "ErrorImpersonateUserDenied"
    assert Mailbox(exchange, "admin").post(GET, impersonate("eve@acme.example")).status == 200
    assert Mailbox(exchange, "bob").fault(GET)[0] == "ErrorNonExistentMailbox"


@pytest.mark.parametrize(
    ("content", "violation"),
    [
        (sync_items("contacts", "", 513), "MaxChangesReturned"),
        (sync_items("contacts", "", 0), "MaxChangesReturned"),
        ("<m:GetItem><m:ItemIds><t:ItemId Id='a'/></m:ItemIds></m:GetItem>", "ItemShape"),
        (f"<m:GetItem>{shape()}<m:ItemIds/></m:GetItem>", "ItemIds"),
        (find_item("contacts", "", "contacts:Salary"), "contacts:Salary"),
        (find_item("contacts", "", "contacts:Phone/MobilePhone"), "contacts:Phone"),
        (create_item("<t:Surname>Doe</t:Surname><t:GivenName>Jo</t:GivenName>"), "GivenName"),
        (create_item("<t:Salary>1</t:Salary>"), "Salary"),
        (create_item("<t:Sensitivity>Secret</t:Sensitivity>"), "Sensitivity"),
        (create_item("<t:Body>x</t:Body>"), "BodyType"),
        (create_item("<t:Birthday>1980-02-30T00:00:00Z</t:Birthday>"), "Birthday"),
        (create_item('<t:PhoneNumbers><t:Entry Key="Phone">1</t:Entry></t:PhoneNumbers>'), "Phone"),
        ("<m:DeleteItem><m:ItemIds><t:ItemId Id='a'/></m:ItemIds></m:DeleteItem>", "DeleteType"),
        ("<m:DeleteItem DeleteType='Shred'><m:ItemIds><t:ItemId Id='a'/></m:ItemIds></m:DeleteItem>", "Shred"),
        (GET.replace('"contacts"', '"kontakte"'), "kontakte"),
        (GET.replace("IdOnly", "All"), "BaseShape"),
        (GET.replace("m:FolderIds", "m:Folders"), "Folders"),
    ],
)
def test_violations_of_the_schema_are_faults(ann: Mailbox, content: str, violation: str) -> None:
    code, fault = ann.fault(content)
    assert code == "ErrorSchemaValidation"
    assert violation in (text(fault, "detail/t:MessageXml/t:Violation") or "")
    assert text(fault, "detail/t:MessageXml/t:LineNumber") == "2"
    assert int(text(fault, "detail/t:MessageXml/t:LinePosition") or 0) > 1
    assert (text(fault, "faultstring") or "").startswith("The request failed schema validation")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a",
        b"<a/>",
        envelope(""),
        envelope("<GetItem/>"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + envelope(GET).partition(b"\n")[2],
        b"<a>" * 1000,
    ],
)
def test_what_is_no_request(ann: Mailbox, exchange: Exchange, body: bytes) -> None:
    answer = exchange.answer(Request("POST", "/EWS/Exchange.asmx", "", basic(ann.login), body))
    assert answer.status == 500
    assert b"ErrorInvalidRequest" in answer.body


def test_unknown_operations(ann: Mailbox) -> None:
    assert ann.fault("<m:PlayOnPhone/>")[0] == "ErrorInvalidOperation"


@pytest.mark.parametrize(
    ("content", "call"),
    [
        (GET, ("GetFolder", "read")),
        (sync_items("contacts"), ("SyncFolderItems", "changes")),
        (create_item(JO), ("CreateItem", "create")),
        ("<m:MoveItem/>", ("MoveItem", "move")),
        ("<m:DeleteItem/>", ("DeleteItem", "delete")),
        ("<m:UpdateFolder/>", ("UpdateFolder", "update")),
        ("<m:PlayOnPhone/>", ("PlayOnPhone", "other")),
    ],
)
def test_calls_are_told_apart_without_carrying_them_out(
    exchange: Exchange, content: str, call: tuple[str, str]
) -> None:
    found = exchange.classify(request(content))
    assert (found.operation, *found.actions) == call


def test_what_is_no_call(exchange: Exchange) -> None:
    found = exchange.classify(Request("POST", "/EWS/Exchange.asmx", "", basic("ann"), b"\xff\x00"))
    assert (found.operation, found.actions) == ("unknown", ("other",))
    knocking = exchange.classify(Request("POST", "/EWS/Exchange.asmx", "", {}, envelope(GET)))
    assert (knocking.operation, knocking.actions) == ("authenticate", ("token",))


def test_throttling_says_how_long_to_wait(exchange: Exchange) -> None:
    answer = exchange.fault("throttle", request(GET), {"milliseconds": 4000})
    assert answer is not None
    assert answer.status == 500
    fault = etree.fromstring(answer.body).find("s:Body/s:Fault", NS)
    assert text(fault, "detail/{*}ResponseCode") == "ErrorServerBusy"
    assert text(fault, "detail/t:MessageXml/t:Value[@Name='BackOffMilliseconds']") == "4000"


@pytest.mark.parametrize(
    ("kind", "details"),
    [("throttle", {"milliseconds": "soon"}), ("throttle", {"milliseconds": -1}), ("refuse", {"code": "<no/>"})],
)
def test_a_fault_that_is_badly_asked_for(exchange: Exchange, kind: str, details: dict[str, object]) -> None:
    with pytest.raises(Refused):
        exchange.fault(kind, request(GET), details)


def test_refusals_are_one_error_per_input_and_change_nothing(exchange: Exchange, ann: Mailbox) -> None:
    answer = exchange.fault("refuse", request(create_item(JO, count=3)), {"code": "ErrorQuotaExceeded"})
    assert answer is not None
    root = check_valid(answer.body)
    assert texts(root, ".//m:ResponseCode") == ["ErrorQuotaExceeded"] * 3
    assert ann.find("contacts") == []
    for kind, code in (("access_denied", "ErrorAccessDenied"), ("invalid_sync_state", "ErrorInvalidSyncStateData")):
        refused = exchange.fault(kind, request(sync_items("contacts")), {})
        assert refused is not None
        assert texts(check_valid(refused.body), ".//m:ResponseCode") == [code]
    expired = exchange.fault("expire_token", request(GET), {})
    assert expired is not None
    assert expired.status == 401
    assert exchange.fault("no_such_kind", request(GET), {}) is None
    empty = exchange.fault("refuse", Request("POST", "/", "", {}, b""), {})
    assert empty is not None
    assert empty.status == 500


def test_acts(exchange: Exchange, ann: Mailbox) -> None:
    assert exchange.act("ann", "share", {}) is None
    for user, details in (
        ("ann", {"quirk": "nine_digit_stamps"}),
        ("admin", {"quirk": "x"}),
        ("admin", {"quirk": "nine_digit_stamps", "on": 1}),
    ):
        with pytest.raises(Refused):
            exchange.act(user, "server_quirk", details)
    ref = ann.create(JO)
    with pytest.raises(Refused):
        exchange.act("ann", "restore_item", {"item": ref.id})
    with pytest.raises(Refused):
        exchange.act("ann", "restore_item", {"item": "x"})


def test_ids_are_converted_between_their_formats(ann: Mailbox) -> None:
    ref = ann.create(JO)

    def convert(identifier: str, source: str, target: str) -> etree._Element:
        return ann.ask(
            f'<m:ConvertId DestinationFormat="{target}"><m:SourceIds><t:AlternateId Format="{source}" '
            f'Id="{identifier}" Mailbox="ann@acme.example"/></m:SourceIds></m:ConvertId>'
        )[0]

    hexadecimal = convert(ref.id, "EwsId", "HexEntryId").find("m:AlternateId", NS)
    assert hexadecimal.get("Mailbox") == "ann@acme.example"
    back = convert(hexadecimal.get("Id"), "HexEntryId", "EwsId").find("m:AlternateId", NS)
    assert back.get("Id") == ref.id
    assert text(convert("DUMMY", "EwsLegacyId", "EwsId"), "m:ResponseCode") == "ErrorInvalidIdMalformed"


def test_names_are_resolved(ann: Mailbox) -> None:
    email = '<t:EmailAddresses><t:Entry Key="EmailAddress1">evan@x.example</t:Entry></t:EmailAddresses>'
    ref = ann.create(f"<t:GivenName>Evan</t:GivenName>{email}")

    def resolve(entry: str, scope: str = "ActiveDirectoryContacts", full: str = "true") -> etree._Element:
        return ann.ask(
            f'<m:ResolveNames ReturnFullContactData="{full}" SearchScope="{scope}">'
            f"<m:UnresolvedEntry>{entry}</m:UnresolvedEntry></m:ResolveNames>"
        )[0]

    several = resolve("ev")
    assert several.get("ResponseClass") == "Warning"
    assert texts(several, ".//t:Mailbox/t:EmailAddress") == ["eve@acme.example", "evan@x.example"]
    one = resolve("evan")
    assert one.get("ResponseClass") == "Success"
    assert read_ref(one.find(".//t:Mailbox", NS)).id == ref.id
    assert text(one, ".//t:Contact/t:GivenName") == "Evan"
    assert text(resolve("zoe"), "m:ResponseCode") == "ErrorNameResolutionNoResults"


def test_the_master_category_list(ann: Mailbox) -> None:
    name = '<{0}:UserConfigurationName Name="{1}"><t:DistinguishedFolderId Id="calendar"/></{0}:UserConfigurationName>'
    wanted = "<m:UserConfigurationProperties>XmlData</m:UserConfigurationProperties>"
    get = f"<m:GetUserConfiguration>{{}}{wanted}</m:GetUserConfiguration>"

    def read() -> bytes:
        return base64.b64decode(text(ann.ask_one(get.format(name.format("m", "CategoryList"))), ".//t:XmlData") or "")

    assert etree.fromstring(read()).tag == "{CategoryList.xsd}categories"
    xml = read().replace(b"Red Category", b"Sync Error")
    ann.ask_one(
        f"<m:UpdateUserConfiguration><m:UserConfiguration>{name.format('t', 'CategoryList')}"
        f"<t:XmlData>{base64.b64encode(xml).decode()}</t:XmlData></m:UserConfiguration></m:UpdateUserConfiguration>"
    )
    assert read() == xml
    assert ann.codes(get.format(name.format("m", "Other"))) == ["ErrorItemNotFound"]


def test_text_that_xml_finds_hard(ann: Mailbox) -> None:
    ref = ann.create("<t:GivenName>&lt;b&gt; &amp; &#x1F600; &#9;x</t:GivenName>")
    assert text(ann.get(ref, "contacts:GivenName"), "t:GivenName") == "<b> & \U0001f600 \tx"
    slot = '<t:Entry Key="EmailAddress1" Name="a &quot;b&quot; &amp; c">x@y.example</t:Entry>'
    name = f"<t:EmailAddresses>{slot}</t:EmailAddresses>"
    entry = ann.get(ann.create(name), "contacts:EmailAddresses").find("t:EmailAddresses/t:Entry", NS)
    assert entry.get("Name") == 'a "b" & c'


def test_a_page_costs_no_more_than_its_length(exchange: Exchange, ann: Mailbox) -> None:
    ann.ask(create_item(f'{JO}<t:PhoneNumbers><t:Entry Key="MobilePhone">1</t:Entry></t:PhoneNumbers>', count=512))

    def page(count: int) -> None:
        names = ("contacts:GivenName", "contacts:PhoneNumbers", "item:Categories")
        exchange.answer(request(sync_items("contacts", "", count, *names)))

    assert growth(lambda: page(51), lambda: page(510)) < 10 * 3


def test_an_update_without_updates_is_a_violation(ann: Mailbox) -> None:
    ref = ann.create(JO)
    assert ann.fault(update_item(ref))[0] == "ErrorSchemaValidation"
    assert ann.fault(update_item(ref, set_field("contacts:Surname", "").replace("<t:Contact></t:Contact>", "")))[0] == (
        "ErrorSchemaValidation"
    )


def test_folder_ids_are_no_item_ids(ann: Mailbox) -> None:
    ref = ann.create(JO)
    get = f"<m:GetFolder>{shape(what='Folder')}<m:FolderIds>{folder_ref(ref.id)}</m:FolderIds></m:GetFolder>"
    assert ann.codes(get) == ["ErrorCannotUseItemIdForFolderId"]
