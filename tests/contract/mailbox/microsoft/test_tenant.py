"""What the adapter leans on in the tenant: folders' own extended properties, and folders dragged in Outlook."""

from mailsync.sandbox.server import RunningSandbox
from tests.contract.mailbox.port.graph import GraphPerson

MARK = "String {6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41} Name Installation"
OTHER = "String {6b1f0c9e-52a4-4d0b-9f0e-3c7d5a8e2f41} Name Other"


def read_mark(cem: GraphPerson, folder: str) -> object:
    query = f"$expand=singleValueExtendedProperties($filter=id eq '{MARK}' or id eq '{OTHER}')"
    return cem.ask("GET", f"/contactFolders/{folder}?{query}").get("singleValueExtendedProperties")


def test_a_folder_has_extended_properties(box: RunningSandbox, cem: GraphPerson) -> None:
    """GRD api/singlevaluelegacyextendedproperty-get and -post name contactFolder among the resources."""
    folder = cem.create_folder("Mine")
    assert read_mark(cem, folder) is None
    written = {"singleValueExtendedProperties": [{"id": MARK, "value": "i:1"}]}
    assert cem.ask("PATCH", f"/contactFolders/{folder}", written)["displayName"] == "Mine"
    assert read_mark(cem, folder) == [{"id": MARK, "value": "i:1"}]
    cem.rename_folder(folder, "Ours")
    assert read_mark(cem, folder) == [{"id": MARK, "value": "i:1"}]
    made = cem.ask("POST", "/contactFolders", {"displayName": "Third", **written})["id"]
    assert read_mark(cem, made) == [{"id": MARK, "value": "i:1"}]


def test_a_folder_dragged_elsewhere_keeps_its_id_and_its_contacts(box: RunningSandbox, cem: GraphPerson) -> None:
    outer, inner = cem.create_folder("Outer"), cem.create_folder("Inner")
    item = cem.create({"surname": "Quinn"}, inner)
    cem.move_folder(inner, outer)
    assert cem.ask("GET", f"/contactFolders/{inner}")["parentFolderId"] == outer
    assert [f["id"] for f in cem.ask("GET", f"/contactFolders/{outer}/childFolders")["value"]] == [inner]
    assert [c["id"] for c in cem.list_contacts(inner)] == [item]
    cem.delete_folder(inner)
    cem.move_folder(inner)
    assert inner in [f["id"] for f in cem.ask("GET", "/contactFolders")["value"]]
