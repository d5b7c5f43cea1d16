"""Cem at Office 365: what a person does in Outlook on the web, as plain Graph. It shares nothing with the adapter."""

from collections.abc import Mapping, Sequence
from typing import Any

import requests

from mailsync.cli.demo.outlook import FOLDER, Unexpected


class Office:
    """One person's contacts. They are named as they are shown; folders by their names, "" is the default one."""

    def __init__(self, url: str, user: str) -> None:
        self._url = f"{url}/v1.0/me"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer sandbox-{user}"

    def list_names(self, folder: str = FOLDER) -> list[str]:
        """The names in a folder; none where there is no such folder."""
        return sorted(self._contacts(folder))

    def find(self, name: str, folder: str = FOLDER) -> Mapping[str, Any]:
        """A contact. Raises Unexpected where it is not there."""
        contacts = self._contacts(folder)
        if name not in contacts:
            raise Unexpected(f"Office 365 has no contact {name} in {folder or 'Contacts'}")
        return contacts[name]

    def categorise(self, name: str, categories: Sequence[str], folder: str = "") -> None:
        """Gives a contact exactly these categories."""
        self._ask("PATCH", f"contacts/{self.find(name, folder)['id']}", json={"categories": list(categories)})

    def edit(self, name: str, values: Mapping[str, Any], folder: str = FOLDER) -> None:
        """Types other values into a contact."""
        self._ask("PATCH", f"contacts/{self.find(name, folder)['id']}", json=dict(values))

    def delete(self, name: str, folder: str = FOLDER) -> None:
        """Deletes a contact."""
        self._ask("DELETE", f"contacts/{self.find(name, folder)['id']}")

    def _contacts(self, folder: str) -> dict[str, Mapping[str, Any]]:
        path = "contacts"
        if folder:
            known = {
                f["displayName"]: f["id"] for f in self._ask("GET", "contactFolders", params={"$top": 100})["value"]
            }
            if folder not in known:
                return {}
            path = f"contactFolders/{known[folder]}/contacts"
        return {_name(c): c for c in self._ask("GET", path, params={"$top": 500})["value"]}

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self._session.request(method, f"{self._url}/{path}", timeout=30, **options)
        if not answer.ok:
            raise Unexpected(f"Graph refused {method} {path.partition('/')[0]}: {answer.status_code}")
        return answer.json() if answer.content else {}


def _name(contact: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (contact.get("givenName"), contact.get("surname"))))
