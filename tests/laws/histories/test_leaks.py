"""L3 over every byte, on each kind of mailbox: a privacy filter that is wider than it should be is noticed."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mailsync.core.policy import CATEGORY, FOLDER
from mailsync.mailbox.exchange import outside as exchange
from mailsync.mailbox.google import changes as google
from mailsync.mailbox.google import feed
from mailsync.mailbox.google.labels import is_named
from mailsync.mailbox.microsoft import outside as microsoft
from tests.laws.histories.script import Script, parse
from tests.laws.histories.wire import wire
from tests.laws.histories.wirekinds import KINDS

LIFE: Script = parse(
    "add_record 7 7 7; session; add_personal 7 8 9; add_personal 10 11 12; session; edit_personal 1 3 4; session; quiet"
)
"""A person has contacts of her own, and edits one."""
Plant = Callable[[pytest.MonkeyPatch], None]


def ask_exchange_for_all(patch: pytest.MonkeyPatch) -> None:
    """The server is asked for items that have a display name."""
    named = '<t:Exists><t:FieldURI FieldURI="contacts:DisplayName"/></t:Exists>'
    patch.setattr(exchange, "MARKED", named)


def ask_google_for_names(patch: pytest.MonkeyPatch) -> None:
    """The list is asked for names beside memberships."""
    fields = "names,memberships,metadata"
    patch.setattr(feed, "_FIELDS", fields)


def ask_microsoft_for_all(patch: pytest.MonkeyPatch) -> None:
    """The filter is one that every item meets."""
    patch.setattr(microsoft, "_BOTH", ("createdDateTime%20ge%201990-01-01T00:00:00Z",))


ASKED: Mapping[str, Plant] = {
    "exchange": ask_exchange_for_all,
    "google": ask_google_for_names,
    "microsoft": ask_microsoft_for_all,
}


def mark_all(readings: Callable[..., Mapping[Any, Any]]) -> Callable[..., Mapping[Any, Any]]:
    """Whatever was read counts as marked."""

    def read_as_marked(*args: Any, **more: Any) -> Mapping[Any, Any]:
        found = readings(*args, **more)
        return {i: replace(r, item=replace(r.item, categories=(CATEGORY,))) for i, r in found.items()}

    return read_as_marked


def take_exchange(patch: pytest.MonkeyPatch) -> None:
    """What the server hands out counts as marked."""
    ask_exchange_for_all(patch)
    patch.setattr(exchange, "find_readings", mark_all(exchange.find_readings))


def take_google(patch: pytest.MonkeyPatch) -> None:
    """Every contact counts as one in our label."""
    listing, reading = google.list_contacts, google.read_item

    def list_all(channel: Any, token: str | None) -> Any:
        found = listing(channel, token)
        ours = next(label.id for label in google.list_labels(channel) if is_named(label, FOLDER))
        return replace(found, entries=tuple(replace(e, groups=(*e.groups, ours)) for e in found.entries))

    def read_as_ours(*args: Any, **more: Any) -> Any:
        return replace(reading(*args, **more), inside=True)

    patch.setattr(google, "list_contacts", list_all)
    patch.setattr(google, "read_item", read_as_ours)


def take_microsoft(patch: pytest.MonkeyPatch) -> None:
    """What the filter hands out counts as marked."""
    ask_microsoft_for_all(patch)
    patch.setattr(microsoft, "list_readings", mark_all(microsoft.list_readings))


TAKEN: Mapping[str, Plant] = {"exchange": take_exchange, "google": take_google, "microsoft": take_microsoft}


@pytest.mark.parametrize("kind", KINDS)
def test_L3_such_a_life_leaks_nothing(kind: str) -> None:
    with wire(kind) as running:
        played = running.play(0, LIFE)
    assert played.wrong == ()
    assert any("Secret" in line for line in played.trace)


@pytest.mark.parametrize("kind", KINDS)
def test_L3_asking_for_more_than_is_marked_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Already where the answer is thrown away: it has left the mailbox."""
    ASKED[kind](monkeypatch)
    with wire(kind) as running:
        wrong = running.play(0, LIFE).wrong
    assert any("of a personal contact is asked for in" in w and kind in w for w in wrong), wrong


@pytest.mark.parametrize("kind", KINDS)
def test_L3_a_personal_contact_taken_for_a_marked_one_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In what Salesforce is sent, and in the files of the installation."""
    TAKEN[kind](monkeypatch)
    with wire(kind) as running:
        wrong = running.play(0, LIFE).wrong
    assert any("is sent in salesforce" in w for w in wrong), wrong
    assert any("is stored in" in w for w in wrong), wrong


ONCE_OURS: Script = parse("session; add_private 0 0 0; session; move_out 0 0 0; quiet; session")
"""A private contact in the folder, whose feed tells it (A6), is taken out, and personal from then on."""


@pytest.mark.parametrize("kind", ["exchange", "microsoft"])
def test_L3_what_is_personal_again_is_asked_for_no_more(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire(kind) as running:
        assert running.play(0, ONCE_OURS).wrong == ()
        ASKED[kind](monkeypatch)
        wrong = running.play(0, ONCE_OURS).wrong
    assert any("of a personal contact is asked for in" in w and kind in w for w in wrong), wrong


RENAMED: Script = parse("session; add_personal 0 1 1; edit_personal 0 571 0; session")
"""A first name is changed by a program that lets the display name stay: only that holds the earlier one (secret1)."""


def test_L3_an_earlier_name_that_only_the_display_name_holds_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as its contact lies outside the folder."""
    ask_exchange_for_all(monkeypatch)
    with wire() as running, running.begin(0) as player:
        for step in RENAMED:
            player.perform(step)
        (personal,) = player.world.post.items.values()
        assert ("Secret1" in repr(personal.values), personal.display_name[:7]) == (False, "Secret1")
    assert any(w.startswith("L3: secret1 of a personal contact is asked for in exchange") for w in player.wrong)


def test_L9_a_personal_value_in_the_log_is_noticed() -> None:
    with wire() as running, running.begin(0) as player:
        logging.getLogger("mailsync.session").debug("a session of Secret1Ada")
        player.perform(parse("session")[0])
        assert player.wrong == ["L9: secret1 was logged"]
