"""Bob at Gmail: what a person does with contacts and labels, as plain requests. It shares nothing with the adapter."""

from collections.abc import Mapping
from typing import Any

import requests

from mailsync.cli.demo.outlook import FOLDER, Unexpected

_FIELDS = "names,emailAddresses,phoneNumbers,organizations,memberships,metadata"


class Gmail:
    """One person's contacts. They are named as they are shown; the label by its name."""

    def __init__(self, url: str, user: str) -> None:
        self._url = f"{url}/v1"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer sandbox-{user}"

    def list_labelled(self, label: str = FOLDER) -> list[str]:
        """The names of the contacts with a label; none where there is no such label."""
        group = self.find_label(label)
        return sorted(n for n, p in self._people().items() if group and group in _groups(p))

    def find_label(self, label: str = FOLDER) -> str:
        """The label's resource name, "" where there is none."""
        found = self._ask("GET", "contactGroups", params={"pageSize": 1000})["contactGroups"]
        return next((str(g["resourceName"]) for g in found if g.get("name") == label), "")

    def has(self, name: str) -> bool:
        """Whether there is a contact of that name."""
        return name in self._people()

    def find(self, name: str) -> Mapping[str, Any]:
        """A contact. Raises Unexpected where there is none."""
        people = self._people()
        if name not in people:
            raise Unexpected(f"Gmail has no contact {name}")
        return people[name]

    def label(self, name: str) -> None:
        """Puts the label on a contact."""
        self._change_members({"resourceNamesToAdd": [self.find(name)["resourceName"]]})

    def unlabel(self, name: str) -> None:
        """Takes the label off a contact, which stays."""
        self._change_members({"resourceNamesToRemove": [self.find(name)["resourceName"]]})

    def delete_label(self) -> None:
        """Deletes the label, not its contacts."""
        self._ask("DELETE", self.find_label(), params={"deleteContacts": "false"})

    def delete(self, name: str) -> None:
        """Deletes a contact."""
        self._ask("DELETE", f"{self.find(name)['resourceName']}:deleteContact")

    def _change_members(self, change: Mapping[str, list[str]]) -> None:
        self._ask("POST", f"{self.find_label()}/members:modify", json=change)

    def _people(self) -> dict[str, Mapping[str, Any]]:
        params = {"personFields": _FIELDS, "pageSize": 1000}
        people = self._ask("GET", "people/me/connections", params=params).get("connections", [])
        return {_name(p): p for p in people}

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self._session.request(method, f"{self._url}/{path}", timeout=30, **options)
        if not answer.ok:
            raise Unexpected(f"Google refused {method} {path}: {answer.status_code}")
        return answer.json() if answer.content else {}


def _name(person: Mapping[str, Any]) -> str:
    name: Mapping[str, str] = person["names"][0] if person.get("names") else {}
    return " ".join(filter(None, (name.get("givenName"), name.get("familyName"))))


def _groups(person: Mapping[str, Any]) -> set[str]:
    return {m["contactGroupMembership"]["contactGroupResourceName"] for m in person.get("memberships", [])}
