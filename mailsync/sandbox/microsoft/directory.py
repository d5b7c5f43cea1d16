"""The tenant's directory: who its people are, by user principal name, address or object id."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from mailsync.sandbox.exchange.records import Mailbox

TENANT: Final = "61636d65-0000-4000-8000-000000000001"
DOMAIN: Final = "acme.example"
TENANT_NAMES: Final = frozenset({TENANT, DOMAIN, "acme.onmicrosoft.com", "common", "organizations"})
# People of the organisation who can sign in though their mailboxes lie elsewhere.
PEOPLE: Final = ("ann", "bob", "cem", "admin")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the tenant; `id` is the object id of the directory."""

    name: str
    principal: str
    mail: str

    @property
    def id(self) -> str:
        """The object id: the same for a person in every world."""
        return str(uuid5(UUID(TENANT), self.name))


def list_people(boxes: Iterable[Mailbox]) -> dict[str, Person]:
    """Everybody, by short name."""
    people = {name: Person(name, f"{name}@{DOMAIN}", f"{name}@{DOMAIN}") for name in PEOPLE}
    for box in boxes:
        people[box.user] = Person(box.user, f"{box.user}@{DOMAIN}", box.address)
    return people


def find_person(people: Iterable[Person], identifier: str) -> Person | None:
    """The person of a principal name, an address or an object id, in any case."""
    wanted = identifier.lower()
    return next((p for p in people if wanted in (p.principal.lower(), p.mail.lower(), p.id)), None)


def show_person(person: Person, root: str) -> dict[str, Any]:
    """A user as GET /me tells of one by default."""
    return {
        "@odata.context": f"{root}/$metadata#users/$entity",
        "businessPhones": [],
        "displayName": person.name.capitalize(),
        "givenName": person.name.capitalize(),
        "jobTitle": None,
        "mail": person.mail,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "surname": None,
        "userPrincipalName": person.principal,
        "id": person.id,
    }
