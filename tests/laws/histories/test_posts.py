"""What people do over HTTP does on each kind of mailbox what it is called, and is shown as it was done."""

from collections.abc import Iterator
from typing import Any

import pytest

from mailsync.core.person import Address, Value
from mailsync.core.policy import CATEGORY, FOLDER
from mailsync.core.refs import FieldName
from tests.fakes.post import BIN, CONTACTS
from tests.laws.histories.script import parse
from tests.laws.histories.wire import Wire, wire
from tests.laws.histories.wirekinds import KINDS

VALUES: dict[str, Value] = {
    "FirstName": "Ada",
    "LastName": "Low",
    "Title": "Chief",
    "Department": "R&D",
    "Company": "Acme",
    "Email": "ada@x.example",
    "Phone": "+1 650-253-0001",
    "MobilePhone": "(650) 2530002",
    "AssistantName": "Bo",
    "MailingAddress": Address("1 Main St\nSuite 5", "Ulm", country="Germany"),
    "OtherAddress": Address("2 Main St", "Bonn", country="Germany"),
    "Birthdate": "1970-03-12",
}
NAMED = {FieldName(name): value for name, value in VALUES.items()}


@pytest.fixture(scope="module", params=KINDS)
def wired(request: pytest.FixtureRequest) -> Iterator[Wire]:
    with wire(request.param) as running:
        yield running


@pytest.fixture
def post(wired: Wire) -> Iterator[Any]:
    with wired.begin(0) as player:
        yield player.world.post


def held(stored: Any) -> dict[FieldName, Value]:
    return {n: v for n, v in stored.values.items() if v}


def test_values_are_typed_and_taken_away_one_by_one(post: Any) -> None:
    made = post.add(CONTACTS, {})
    for name, value in NAMED.items():
        made = post.edit(made.id, {name: value})
    assert held(made) == NAMED
    for name in NAMED:
        made = post.edit(made.id, {name: ""})
        assert name not in held(made)
    assert held(made) == {}


def test_a_new_contact_has_its_values_and_what_is_its_own(post: Any) -> None:
    more = {"emails": ("q@x.example",), "body": {"note": "a note"}, "categories": ("Family",)}
    made = post.add(CONTACTS, NAMED, **more)
    assert held(made) == NAMED
    assert made.emails == ("q@x.example",)
    assert "a note" in str(made.body)
    assert "Family" in f"{made.categories} {made.body}"
    assert not made.is_marked


def test_the_first_address_leaves_the_second(post: Any, wired: Wire) -> None:
    made = post.add(CONTACTS, NAMED, emails=("q@x.example",))
    made = post.edit(made.id, {FieldName("Email"): ""})
    stays = wired.kind.name == "exchange"  # which has places; elsewhere the next one leads
    assert made.values[FieldName("Email")] == ("" if stays else "q@x.example")


def test_dragged_in_and_out_deleted_and_restored(post: Any) -> None:
    home = post.add_folder(FOLDER)
    made = post.add(CONTACTS, NAMED)
    inside = post.move(made.id, home)
    assert (inside.folder, inside.uid, post.items[inside.id]) == (home, made.uid, inside)
    assert post.entered[home, inside.id] < len(post.log)
    outside = post.move(inside.id, CONTACTS)
    assert outside.folder == CONTACTS
    binned = post.move(outside.id, BIN)
    assert (binned.folder, held(binned)) == (BIN, NAMED)
    assert [s.uid for s in post.live_items()] == []
    back = post.move(binned.id, home)
    assert (back.folder, held(back)) == (home, NAMED)
    assert [s.uid for s in post.live_items()] == [made.uid]


def test_marked_and_unmarked(post: Any) -> None:
    post.add_folder(FOLDER)
    made = post.add(CONTACTS, NAMED)
    marked = post.mark(made.id, (CATEGORY,))
    assert marked.is_marked
    assert not post.mark(marked.id, ()).is_marked


def test_purged_is_gone(post: Any, wired: Wire) -> None:
    made = post.add(CONTACTS, NAMED)
    post.purge(made.id)
    assert post.live_items() == []
    assert (made.id in post.items) is not bool(wired.kind.can.trash)  # Google's trash is the person's alone


def test_folders_are_renamed_and_deleted(post: Any) -> None:
    home = post.add_folder(FOLDER)
    inside = post.add(home, NAMED)
    post.change_folder(home, name="Customers")
    assert post.folders[home].name == "Customers"
    assert post.items[inside.id].folder == home
    post.drop_folder(home)
    assert not post.is_live(home)
    again = post.add_folder(FOLDER)
    post.drop_folder(again, for_good=True)
    assert again not in post.folders


def test_L7_what_the_person_has_of_her_own_is_watched(wired: Wire) -> None:
    with wired.begin(0) as player:
        post, rest = player.world.post, player.rest  # type: ignore[attr-defined]
        made = post.add(CONTACTS, NAMED, emails=("q@x.example",))
        rest.note()
        assert list(rest.check()) == []
        post.mark(made.id, ("Friends",))
        assert [w.partition(":")[0] for w in rest.check()] == ["L7"]


@pytest.mark.parametrize("name", ["expire_cursor", "replay_feed"])
def test_feeds_lose_their_cursor_and_tell_again(name: str, wired: Wire) -> None:
    life = parse(f"add_record 7 7 7; session; {name} 9 9 9; session; quiet")
    played = wired.play(0, life)
    assert played.wrong == ()
    left_out = wired.kind.leaves_out(name)
    assert any("expire_cursor" in x or "replay" in x for x in played.trace if "{" in x) or left_out in "".join(
        played.trace
    )
