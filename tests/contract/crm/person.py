"""What people and administrators do in the organisation, through simple-salesforce and the sandbox's acts."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

_SOAP = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
    ' xmlns:sf="urn:sobject.partner.soap.sforce.com" xmlns:x="http://www.w3.org/2001/XMLSchema-instance">'
    "<e:Header><SessionHeader><sessionId>sandbox-{user}</sessionId></SessionHeader></e:Header>"
    "<e:Body><{act}>{body}</{act}></e:Body></e:Envelope>"
)


class Loopback(HTTPAdapter):
    """Lets simple-salesforce, which speaks https only, reach the sandbox."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = parts._replace(scheme="http", netloc=f"127.0.0.1:{self.port}").geturl()
        return super().send(request, *args, **{**options, "timeout": 10})


class OrgPerson:
    """Somebody in the organisation, by the sandbox's name of theirs: ann, bob, cem, admin."""

    def __init__(self, url: str, name: str) -> None:
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", Loopback(urlsplit(url).port or 80))
        self.url, self.name = url, name
        self.client = Salesforce(
            session_id=f"sandbox-{name}", instance_url="https://acme.my.salesforce.com", session=session, version="68.0"
        )

    def create(self, kind: str = "Contact", **values: Any) -> str:
        return getattr(self.client, kind).create(values)["id"]

    def update(self, record: str, kind: str = "Contact", **values: Any) -> None:
        getattr(self.client, kind).update(record, values)

    def delete(self, record: str, kind: str = "Contact") -> None:
        getattr(self.client, kind).delete(record)

    def get(self, record: str, kind: str = "Contact") -> dict[str, Any]:
        return getattr(self.client, kind).get(record)

    def merge(self, winner: str, *losers: str) -> None:
        """Merges contacts; only SOAP and Apex can."""
        ids = "".join(f"<recordToMergeIds>{loser}</recordToMergeIds>" for loser in losers)
        master = f'<masterRecord x:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id>{winner}</sf:Id></masterRecord>'
        self._soap("merge", f"<request>{master}{ids}</request>")

    def undelete(self, record: str) -> None:
        self._soap("undelete", f"<ids>{record}</ids>")

    def act(self, op: str, **details: Any) -> dict[str, Any]:
        """What no API does: share, field_security, create_view …"""
        answer = requests.post(f"{self.url}/sandbox/act", json={"as": self.name, "op": op, **details}, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _soap(self, act: str, body: str) -> None:
        text = _SOAP.format(user=self.name, act=act, body=body)
        headers = {"Content-Type": "text/xml", "SOAPAction": act}
        answer = requests.post(f"{self.url}/services/Soap/u/68.0", data=text.encode(), headers=headers, timeout=10)
        assert "success>true<" in answer.text, answer.text
