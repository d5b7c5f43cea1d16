"""delta: rounds, pages, removals, moves, tokens and what it refuses."""

import pytest

from mailsync.sandbox.microsoft import Microsoft
from tests.contract.sandbox_microsoft.wire import OWN_ID, Person

REFUSAL = (
    "The following parameters are not supported with change tracking over the 'Contacts' resource: "
    "'$orderby, $filter, $select, $expand, $search, $top'."
)


def test_a_round_tells_what_came_changed_and_went(cem: Person) -> None:
    first, second = cem.create(givenName="A"), cem.create(givenName="B")
    found, link = cem.drain("me/contacts/delta?$select=givenName")
    assert sorted(entry["givenName"] for entry in found) == ["A", "B"]
    assert set(found[0]) == {"@odata.etag", "id", "givenName"}
    assert cem.drain(link)[0] == []
    cem.patch(first["id"], {"givenName": "A2"})
    cem.patch(first["id"], {"givenName": "A3"})
    cem.ask("DELETE", f"me/contacts/{second['id']}")
    cem.create(givenName="C")
    found, link = cem.drain(link)
    assert sorted(entry.get("givenName", "-") for entry in found) == ["-", "A3", "C"]
    (gone,) = [entry for entry in found if "@removed" in entry]
    assert gone == {"id": second["id"], "@removed": {"reason": "deleted"}}


def test_pages_are_as_long_as_preferred_and_what_changes_meanwhile_is_told_later(cem: Person) -> None:
    made = [cem.create(givenName=f"n{at}") for at in range(7)]
    cem.prefer = ["odata.maxpagesize=3"]
    page = cem.get("me/contacts/delta")
    assert page.headers["preference-applied"] == "odata.track-changes, odata.maxpagesize=3"
    cem.patch(made[0]["id"], {"surname": "late"})
    sizes, seen = [len(page.value)], [*page.value]
    while "@odata.nextLink" in page.body:
        page = cem.get(page.body["@odata.nextLink"])
        sizes.append(len(page.value))
        seen += page.value
    assert sizes == [3, 3, 1]
    assert len({entry["id"] for entry in seen}) == 7
    assert [entry["surname"] for entry in cem.drain(page.body["@odata.deltaLink"])[0]] == ["late"]


@pytest.mark.parametrize("place", ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"])
def test_all_names_of_the_function(cem: Person, place: str) -> None:
    cem.create(givenName="A")
    assert len(cem.get(f"me/contacts/{place}").value) == 1
    assert cem.get(f"me/contactFolders/{place}").status == 200


@pytest.mark.parametrize(
    "option", ["$top=5", "$filter=a eq 'b'", "$orderby=displayName", "$search=x", f"$expand=x({OWN_ID})"]
)
def test_options_are_refused_in_the_vendors_words(cem: Person, option: str) -> None:
    reply = cem.get(f"me/contacts/delta?{option}")
    assert (reply.status, reply.code, reply.message) == (400, "ErrorInvalidUrlQuery", REFUSAL)


def test_a_move_is_a_removal_here_and_a_contact_there_under_one_immutable_id(cem: Person, graph: Microsoft) -> None:
    cem.prefer = ['IdType="ImmutableId"']
    folder, made = cem.folder("F"), cem.create(givenName="A")
    _, here = cem.drain("me/contacts/delta")
    _, there = cem.drain(f"me/contactFolders/{folder}/contacts/delta")
    graph.act("cem", "move_contact", {"item": made["id"], "folder": folder})
    (gone,), here = cem.drain(here)
    (came,), there = cem.drain(there)
    assert gone == {"id": made["id"], "@removed": {"reason": "deleted"}}
    assert (came["id"], came["parentFolderId"]) == (made["id"], folder)
    graph.act("cem", "move_contact", {"item": made["id"], "folder": "contacts"})
    graph.act("cem", "move_contact", {"item": made["id"], "folder": folder})
    graph.act("cem", "move_contact", {"item": made["id"], "folder": "contacts"})
    (back,), _ = cem.drain(here)
    assert (back["id"], "@removed" in back) == (made["id"], False)
    (gone,), _ = cem.drain(there)
    assert gone["@removed"] == {"reason": "deleted"}


def test_tokens_are_their_folders_own(cem: Person, graph: Microsoft) -> None:
    folder = cem.folder("F")
    _, link = cem.drain("me/contacts/delta")
    token = link.partition("?")[2]
    for place, query in (
        (f"me/contactFolders/{folder}/contacts/delta", token),
        ("me/contacts/delta", "$deltatoken=never"),
        ("me/contacts/delta", token[:-8]),
    ):
        reply = cem.get(f"{place}?{query}")
        assert (reply.status, reply.code) == (410, "SyncStateNotFound")
    dana = Person(graph, "sandbox-dana")
    assert dana.get(f"me/contacts/delta?{token}").code == "SyncStateNotFound"


def test_tokens_and_ids_outlive_a_reload(cem: Person, graph: Microsoft) -> None:
    cem.prefer = ['IdType="ImmutableId"']
    made = cem.create(givenName="A")
    _, link = cem.drain("me/contacts/delta")
    graph.act("cem", "move_contact", {"item": made["id"], "folder": "deleteditems"})
    world = graph.dump()
    graph.load(world)
    assert graph.dump() == world
    assert cem.drain(link)[0] == [{"id": made["id"], "@removed": {"reason": "deleted"}}]
    assert cem.get(f"me/contacts/{made['id']}").body["givenName"] == "A"


def test_folders_that_came_and_went(cem: Person) -> None:
    folder = cem.folder("F")
    found, link = cem.drain("me/contactFolders/delta")
    assert [entry["displayName"] for entry in found] == ["F"]
    cem.ask("PATCH", f"me/contactFolders/{folder}", {"displayName": "G"})
    found, link = cem.drain(link)
    assert [entry["displayName"] for entry in found] == ["G"]
    cem.ask("DELETE", f"me/contactFolders/{folder}")
    assert cem.drain(link)[0] == [{"id": folder, "@removed": {"reason": "deleted"}}]
