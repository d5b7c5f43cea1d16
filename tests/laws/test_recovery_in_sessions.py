"""Recovery (B15, I16) amid a session: a folder that was lost unnoticed, items that are not shown now, a preview."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from mailsync.core.changes import MailboxChanges
from mailsync.core.entries import Change, Entry
from mailsync.core.notices import Hold
from mailsync.core.policy import CATEGORY
from mailsync.core.refs import FieldName, FolderId, ItemId, Key, Side
from mailsync.core.returns import GIVES_WAY
from mailsync.ports.ledger import Batch, Pending
from mailsync.ports.mailbox import Ability, Capabilities
from mailsync.session.run import preview
from tests.fakes.mailbox import FakeMailbox
from tests.laws.histories.world import MAILBOX_LIMITS, USER, World
from tests.laws.mirrored import NAMES, Shy, make_mirrored, next_session, pair_of

TITLE = FieldName("Title")
KEY = Key("k1")


@pytest.fixture
def world() -> World:
    return make_mirrored()


def announce(world: World, batch: Batch) -> None:
    session = world.store.begin(USER, world.clock.now())
    world.store.commit(USER, session, batch, world.clock.now())
    world.store.finish(USER, session, {}, world.clock.now())


class Unaware(FakeMailbox):
    """Its feed tells neither of the folder's mark nor, for a while, that the folder is lost, as Google's."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, mark_in_feed=Ability("not told"))

    def changes(self, folder: FolderId, cursor: str | None) -> MailboxChanges:
        if self._post.is_live(folder):
            return replace(super().changes(folder, cursor), mark=None)
        return MailboxChanges((), (), (), complete=False, cursor=cursor or "")


def test_I16_an_update_found_done_is_told_of_once_where_the_folder_was_lost_unnoticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    doe, title = pair_of(world, "Doe"), {TITLE: "Boss"}
    world.org.edit(doe.record, title)
    world.post.edit(doe.item or ItemId(""), title)
    crm, mailbox = (replace(base, values={**base.values, **title}) for base in (doe.crm, doe.mailbox))
    after = replace(doe, crm=crm, mailbox=mailbox)
    entry = Entry(2, world.clock.time, "B10", Side.CRM, "update", doe.record, doe.item, {"Title": Change("", "Boss")})
    announce(world, Batch(pending=(Pending(KEY, doe.record, entry, title, pair=after),)))
    world.org.edit(pair_of(world, "Roe").record, title)  # something is to be written, so that the folder is asked for
    home = world.store.state(USER)["folder"]
    world.post.drop_folder(home)
    monkeypatch.setattr(world, "open_mailbox", lambda: Unaware(world.post, MAILBOX_LIMITS))
    world.session()
    assert (world.post.is_live(home), [e for e in world.store.history(USER) if e.side is Side.CRM]) == (True, [entry])


def test_I16_a_removal_whose_item_is_not_shown_is_carried_out_and_told_of_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed shows the item, for its category was taken off; by its id it is not to be had."""
    for name in NAMES:
        world.org.delete(pair_of(world, name).record)
    world.session({10: "kill before"})
    assert "mailbox.remove" in world.trace[-2]
    world.clock.advance(1800)
    first, second = world.store.pending(USER)
    monkeypatch.setattr(world, "open_mailbox", lambda: Shy(world.post, MAILBOX_LIMITS))
    monkeypatch.setattr(Shy, "hidden", first.ref)
    next_session(world)
    told = [e.item for e in world.store.history(USER) if e.kind == "remove"]
    assert (sorted(told), world.post.live_items()) == (sorted([first.ref, second.ref]), [])
    assert (list(world.store.pairs(USER)), world.store.pending(USER), world.store.holds(USER)) == ([], [], [])


def asked(holds: Collection[Hold]) -> list[tuple[str, ItemId | None]]:
    return [(h.rule, m.item) for h in holds for m in h.members]


def test_E1_D6_a_preview_shows_the_question_about_an_item_that_was_to_give_way(world: World) -> None:
    doe, home = pair_of(world, "Doe"), world.store.state(USER)["folder"]
    item = world.post.add(home, doe.mailbox.values, record=doe.record, categories=(CATEGORY,)).id
    entry = Entry(2, world.clock.time, "D6", Side.MAILBOX, "remove", doe.record, item, {}, GIVES_WAY)
    cursor = world.open_mailbox().changes(FolderId(home), world.store.state(USER)["mailbox_cursor"]).cursor
    pending = (Pending(KEY, item, entry, doe.mailbox.values),)
    announce(world, Batch(pairs=(replace(doe, recreated=1),), pending=pending, state={"mailbox_cursor": cursor}))
    world.store.save_settings(USER, {"direction": "up"})
    foreseen = preview(world.agent(world.make_gate({})))
    world.session()
    assert asked(foreseen.holds) == asked(world.store.holds(USER)) == [("D6", item)]
