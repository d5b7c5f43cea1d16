"""People at Salesforce: what they do there, as plain REST and SOAP; it shares nothing with the program's adapter."""

from collections.abc import Mapping
from typing import Any

import requests

from mailsync.cli.demo.outlook import Unexpected

_VERSION = "68.0"


class Salesforce:
    """One person's Salesforce. Contacts are named as they are shown: first and last name."""

    def __init__(self, url: str, user: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer sandbox-{user}"

    def find(self, name: str) -> dict[str, Any]:
        """The newest contact of that name that this person sees, with its account's name."""
        fields = "Id, FirstName, LastName, Title, Phone, MobilePhone, Email, OwnerId, AccountId, Account.Name"
        found = self.query(f"SELECT {fields} FROM Contact WHERE {_named(name)} ORDER BY CreatedDate DESC, Id DESC")  # noqa: S608 - quoted
        if not found:
            raise Unexpected(f"Salesforce shows no contact {name}")
        return found[0]

    def has(self, name: str) -> int:
        """How many contacts of that name this person sees."""
        return len(self.query(f"SELECT Id FROM Contact WHERE {_named(name)}"))  # noqa: S608 - quoted

    def query(self, soql: str) -> list[dict[str, Any]]:
        """The records of one page."""
        return self._ask("GET", "query", params={"q": soql})["records"]

    def create(self, values: Mapping[str, Any]) -> str:
        """A new contact's id."""
        return self._ask("POST", "sobjects/Contact", json=dict(values))["id"]

    def edit(self, name: str, values: Mapping[str, Any]) -> None:
        """Types other values into a contact."""
        self._ask("PATCH", f"sobjects/Contact/{self.find(name)['Id']}", json=dict(values))

    def delete(self, name: str) -> None:
        """To the recycle bin."""
        self._ask("DELETE", f"sobjects/Contact/{self.find(name)['Id']}")

    def give(self, name: str, owner: str) -> None:
        """Another owner, by username."""
        user = self.query(f"SELECT Id FROM User WHERE Username = '{_quoted(owner)}'")[0]  # noqa: S608 - quoted
        self.edit(name, {"OwnerId": user["Id"]})

    def merge(self, winner: str, loser: str) -> None:
        """Merges two contacts by id; the winner's values stay."""
        body = (
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns="urn:partner.soap.sforce.com" xmlns:so="urn:sobject.partner.soap.sforce.com">'
            f"<soapenv:Body><merge><request><masterRecord><so:type>Contact</so:type><so:Id>{winner}</so:Id>"
            f"</masterRecord><recordToMergeIds>{loser}</recordToMergeIds></request></merge></soapenv:Body>"
            "</soapenv:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        url = f"{self._url}/services/Soap/u/{_VERSION}"
        answer = self._session.post(url, data=body.encode(), headers=headers, timeout=30)
        if answer.status_code != 200 or "<success>true</success>" not in answer.text:
            raise Unexpected(f"Salesforce refused the merge: {answer.status_code}")

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        url = f"{self._url}/services/data/v{_VERSION}/{path}"
        answer = self._session.request(method, url, timeout=30, **options)
        if answer.status_code >= 300:
            raise Unexpected(f"Salesforce answered {answer.status_code}: {answer.text[:200]}")
        return answer.json() if answer.content else None


def _named(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"LastName = '{_quoted(last)}' AND FirstName = '{_quoted(first)}'"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
