"""Where a mailbox is reached: GetUserSettings over SOAP, and plain XML."""

from lxml import etree

from mailsync.sandbox.exchange import Exchange
from mailsync.sandbox.vendor import Request
from tests.contract.sandbox_exchange.wire import basic

NAMES = {"a": "http://schemas.microsoft.com/exchange/2010/Autodiscover"}
ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


def soap(*users: str) -> bytes:
    listed = "".join(f"<a:User><a:Mailbox>{user}</a:Mailbox></a:User>" for user in users)
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:a="{NAMES["a"]}"><s:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users>{listed}</a:Users>'
        "<a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>ExternalPop3Connections</a:Setting>"
        "</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></s:Body></s:Envelope>"
    ).encode()


def pox(address: str, schema: str = ANSWER) -> bytes:
    return (
        '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>'
        f"<EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{schema}</AcceptableResponseSchema>"
        "</Request></Autodiscover>"
    ).encode()


def post(exchange: Exchange, path: str, body: bytes, scheme: str = "http") -> etree._Element:
    headers = {**basic("ann"), "host": "localhost:8025"}
    answer = exchange.answer(Request("POST", path, "", headers, body, scheme=scheme))
    assert answer.status == 200
    return etree.fromstring(answer.body)


def test_settings_over_soap(exchange: Exchange) -> None:
    assert exchange.serves("/AutoDiscover/AutoDiscover.svc")
    found = post(exchange, "/autodiscover/autodiscover.svc", soap("ANN@acme.example", "no@acme.example"), "https")
    codes = [each.text for each in found.iterfind(".//a:UserResponse/a:ErrorCode", NAMES)]
    assert codes == ["NoError", "InvalidUser"]
    assert found.find(".//a:UserSetting/a:Value", NAMES).text == "https://localhost:8025/EWS/Exchange.asmx"
    assert found.find(".//a:UserSettingError/a:SettingName", NAMES).text == "ExternalPop3Connections"
    refused = post(exchange, "/autodiscover/autodiscover.svc", soap())
    assert refused.find(".//a:Response/a:ErrorCode", NAMES).text == "InvalidRequest"


def test_settings_as_plain_xml(exchange: Exchange) -> None:
    path = "/Autodiscover/Autodiscover.xml"
    found = post(exchange, path, pox("ann@acme.example"))
    assert {each.text for each in found.iter(f"{{{ANSWER}}}EwsUrl")} == {"http://localhost:8025/EWS/Exchange.asmx"}
    for body, code in ((pox("no@acme.example"), "500"), (pox("ann@acme.example", "x"), "600"), (b"<", "600")):
        assert [each.text for each in post(exchange, path, body).iter("{*}ErrorCode")] == [code]


def test_only_people_may_ask(exchange: Exchange) -> None:
    for path, body in (
        ("/autodiscover/autodiscover.svc", soap("ann@acme.example")),
        ("/autodiscover/autodiscover.xml", b""),
    ):
        assert exchange.answer(Request("POST", path, "", {}, body)).status == 401
        assert exchange.answer(Request("GET", path, "", basic("ann"), b"")).status == 405
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]>' + soap("ann@acme.example")
    assert exchange.answer(Request("POST", "/autodiscover/autodiscover.svc", "", basic("ann"), bomb)).status == 400


def test_the_log_knows_them(exchange: Exchange) -> None:
    called = exchange.classify(Request("POST", "/autodiscover/autodiscover.svc", "", basic("ann"), soap("a@b.example")))
    assert (called.operation, called.actions) == ("GetUserSettings", ("read",))
    plain = exchange.classify(Request("POST", "/autodiscover/autodiscover.xml", "", basic("ann"), b""))
    assert (plain.operation, plain.actions) == ("Autodiscover", ("read",))
