"""A busy world that can be set back: what the vendors and the store held, and a picture of the end without ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.e2e.stage import Stage

KEPT = ("mailsync.db", "mailsync.db.seq", "mailsync.key")
PASSING = frozenset(
    {"Id", "ChangeKey", "FolderId", "DateTimeCreated", "LastModifiedTime", "BusinessHomePage", "ExtendedProperties"}
)
OWN = "{6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41}"


def prepare_busy(scene: Stage) -> None:
    """A world whose next session does everything: creates on both sides with an Account looked up, a move in, updates
    both ways, a removal, a deletion in Salesforce, an item that left the folder and is stripped."""
    scene.configure(auto_removal="allowed")
    scene.admin.create("Account", Name="Acme Rockets")
    names = ("Gone", "Both", "Binned", "Left", "Still")
    ids = {n: scene.org.create(FirstName="Kim", LastName=n, Email=f"{n.lower()}@x.example") for n in names}
    scene.sync()
    scene.org.create(FirstName="Mia", LastName="Down", Email="mia@x.example")
    scene.org.create(FirstName="Pia", LastName="Down")
    scene.ann.create(scene.ann.folder, "Zoe", "Up", email="zoe@x.example", company_name="Acme Rockets")
    scene.ann.create(scene.ann.folder, "Noe", "Mail")
    scene.ann.mark(scene.ann.create(scene.ann.contacts, "Max", "Moved", email="max@x.example"))
    scene.org.update(ids["Both"], Title="CTO")
    scene.ann.edit(scene.ann.get("Kim Both"), department="R&D")
    scene.org.delete(ids["Gone"])
    scene.ann.trash(scene.ann.get("Kim Binned"))
    scene.ann.get("Kim Left").move(scene.ann.contacts)


@dataclass(frozen=True)
class Snapshot:
    """The vendors' world and the store's files at one moment; the sandbox goes on at the same address."""

    world: Mapping[str, Any]
    files: Mapping[str, bytes]

    @classmethod
    def take(cls, scene: Stage) -> "Snapshot":
        """The present moment. No session may be running."""
        files = {name: (scene.home / name).read_bytes() for name in KEPT}
        return cls(scene.box.sandbox.dump(), files)

    def restore(self, scene: Stage) -> None:
        """Everything as it was, without faults and request log; the vendors' clock goes on."""
        answer = requests.post(f"{scene.url}/sandbox/reset", json={"world": self.world}, timeout=10)
        assert answer.ok, answer.text
        for path in scene.home.glob("mailsync.db*"):
            path.unlink()
        for name, content in self.files.items():
            (scene.home / name).write_bytes(content)
            (scene.home / name).chmod(0o600)


def picture(scene: Stage) -> Mapping[str, list[str]]:
    """All that both vendors hold of ann, without ids, stamps and correlation keys; an id property as the person it
    points to."""
    world = scene.box.sandbox.dump()
    records = world["salesforce"]["records"]
    names = {r["Id"]: r.get("Name") or f"{r.get('FirstName')} {r['LastName']}" for t in records.values() for r in t}
    shown = {kind: sorted(_show_record(r, names) for r in rows) for kind, rows in records.items()}
    for box in world["exchange"]["mailboxes"]:
        for name, folder in {**box.get("default_folders", {}), "contacts": box}.items():
            shown |= _show_folder(name, folder, names)
    return shown


def _show_record(record: Mapping[str, Any], names: Mapping[str, str]) -> str:
    kept = ("FirstName", "LastName", "Name", "Title", "Department", "Email", "Phone", "IsDeleted")
    account = names.get(str(record.get("AccountId")), "")
    return f"{[record.get(n) for n in kept]} {account}"


def _show_folder(name: str, folder: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, list[str]]:
    shown = {name: sorted(_show_item(i, names) for i in folder.get("items", []))}
    for below in folder.get("folders", []):
        shown |= _show_folder(f"{name}/{below['name']}", below, names)
    return shown


def _show_item(item: Mapping[str, Any], names: Mapping[str, str]) -> str:
    values = {k: v for k, v in sorted(item.items()) if k not in PASSING}
    own = item.get("ExtendedProperties", {})
    record = own.get(f"{OWN}/SalesforceId/String", "")
    page = str(item.get("BusinessHomePage", "")).rpartition("/")[2]
    return f"{values} -> {names.get(record, record)} page {names.get(page, page)}"
