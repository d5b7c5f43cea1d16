"""The organisation's shared feed (decision 0028): who is spared a question, and that nobody is spared one too many.

A17, A18: what changes is seen as without it. L3, L9: it holds ids, and is asked for nothing else.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from mailsync.bootstrap import Setup, SystemClock, gate_of, open_setup
from mailsync.core.refs import OwnerId
from mailsync.ports.crm import Reach
from mailsync.sandbox.log import Entry
from mailsync.session.agent import Keys
from mailsync.store import tables as t
from mailsync.store.engine import reading
from tests.e2e.stage import Stage, stage

NONE = {"salesforce": 0, "mailbox": 3}
HOUR = timedelta(hours=1)


def key_of(setup: Setup) -> str:
    return gate_of(setup.settings.organisation_of("ann"))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as standing:
        standing.feed = True
        standing.configure()
        yield standing


@pytest.fixture
def quiet(scene: Stage) -> Stage:
    """Ann has one contact, and nothing to ask any more."""
    scene.org.create(FirstName="Kim", LastName="Doe", Title="CTO")
    settle(scene)
    return scene


def settle(scene: Stage) -> None:
    """Sessions until all echoes are in and whatever was stamped in the same second is settled."""
    for _ in range(6):
        if scene.sync(None)["requests"]["salesforce"] == 0:
            return
        scene.advance(3)
    raise AssertionError("the feed always finds something")


def asked(scene: Stage, user: str) -> list[Entry]:
    """What somebody asked Salesforce, by the log of requests."""
    found: list[Entry] = []
    for entry in scene.box.sandbox.log.entries():
        headers = {key.lower(): value for key, value in entry.request.headers.items()}
        if entry.vendor == "salesforce" and headers.get("authorization", "").endswith(f"sandbox-{user}"):
            found.append(entry)
    return found


def stored(scene: Stage) -> list[dict[str, Any]]:
    with open_setup(scene.config) as setup, reading(setup.store.feeds.database.engine) as c:
        return [dict(row) for row in c.execute(t.feed_candidates.select()).mappings()]


def test_an_idle_session_asks_salesforce_nothing(quiet: Stage):
    quiet.forget_requests()
    assert quiet.sync()["requests"] == NONE
    assert asked(quiet, "ann") == []
    assert len(asked(quiet, "admin")) == 1  # the feed itself


def test_A17_what_is_changed_created_and_deleted_comes_with_the_next_session(quiet: Stage):
    (doe,) = quiet.org.all()
    quiet.org.update(doe["Id"], Title="CEO")
    assert quiet.sync()["mailbox"]["updated"] == 1
    assert quiet.ann.get("Kim Doe").job_title == "CEO"
    quiet.org.create(FirstName="Lee", LastName="Roe")
    assert quiet.sync()["mailbox"]["created"] == 1
    quiet.org.delete(doe["Id"])
    assert quiet.sync()["mailbox"]["removed"] == 1
    settle(quiet)


def test_what_other_people_do_concerns_nobody_else(quiet: Stage):
    for n in range(3):
        quiet.admin.create(LastName=f"Theirs{n}")
    assert quiet.sync()["requests"] == NONE


def test_a_change_in_the_mailbox_opens_salesforce(quiet: Stage):
    quiet.ann.edit(quiet.ann.get("Kim Doe"), job_title="CFO")
    assert quiet.sync()["salesforce"]["updated"] == 1
    assert quiet.org.named("Doe")["Title"] == "CFO"
    settle(quiet)


def test_B12_a_change_on_both_sides_is_a_conflict_as_ever(quiet: Stage):
    (doe,) = quiet.org.all()
    quiet.org.update(doe["Id"], Title="CEO")
    quiet.ann.edit(quiet.ann.get("Kim Doe"), job_title="CFO")
    quiet.sync()
    assert quiet.ann.get("Kim Doe").job_title == "CEO"
    settle(quiet)


def test_A18_given_to_somebody_else_and_back(quiet: Stage):
    (doe,) = quiet.org.all()
    quiet.admin.update(doe["Id"], OwnerId=quiet.owner("admin"))
    assert quiet.sync()["mailbox"]["removed"] == 1
    settle(quiet)
    quiet.admin.update(doe["Id"], OwnerId=quiet.owner("ann"))
    quiet.sync()
    assert quiet.ann.find("Kim Doe")
    settle(quiet)


def test_A14_a_record_that_was_never_seen_before_comes_into_scope(quiet: Stage):
    theirs = quiet.admin.create(FirstName="Max", LastName="Moe")
    assert quiet.sync()["requests"] == NONE
    quiet.admin.update(theirs, OwnerId=quiet.owner("ann"))
    assert quiet.sync()["mailbox"]["created"] == 1


def test_B9_an_account_that_is_renamed(quiet: Stage):
    (doe,) = quiet.org.all()
    account = quiet.org.create("Account", Name="Acme")
    quiet.org.update(doe["Id"], AccountId=account)
    settle(quiet)
    quiet.org.update(account, "Account", Name="Acme United")
    quiet.sync()
    assert quiet.ann.get("Kim Doe").company_name == "Acme United"


def test_B16_merged_and_purged(quiet: Stage):
    winner = quiet.org.create(FirstName="Kim", LastName="Winner")
    other = quiet.org.create(FirstName="Pat", LastName="Purged")
    settle(quiet)
    quiet.org.merge(winner, quiet.org.named("Doe")["Id"])
    quiet.sync()
    assert [c.display_name for c in quiet.ann.all_in()] in (["Kim Winner", "Pat Purged"], ["Pat Purged", "Kim Winner"])
    settle(quiet)
    quiet.org.delete(other)
    quiet.act("purge", record=other)
    quiet.sync()
    assert [c.display_name for c in quiet.ann.all_in()] == ["Kim Winner"]


def test_A17_what_commits_late_is_found_late(quiet: Stage):
    (doe,) = quiet.org.all()
    quiet.advance(1200)
    settle(quiet)
    quiet.act("late_commit", seconds=300)
    quiet.org.update(doe["Id"], Title="CEO")
    assert quiet.sync()["requests"] == NONE
    quiet.advance(240)
    assert quiet.sync()["requests"] == NONE
    quiet.advance(120)
    assert quiet.sync()["mailbox"]["updated"] == 1


def test_A16_a_view_that_was_edited_is_noticed_when_somebody_reads_it(quiet: Stage):
    where = "MailingCity = 'Berlin'"
    view = quiet.act("create_view", object="Contact", name="Berlin", where=where, scope="mine")["id"]
    quiet.org.create(FirstName="Ber", LastName="Lin", MailingCity="Berlin")
    quiet.configure(view="view:Berlin", on_leave_scope="remove")
    settle(quiet)
    assert [c.display_name for c in quiet.ann.all_in()] == ["Ber Lin"]
    quiet.act("edit_view", view=view, where="MailingCity = 'Paris'")
    assert quiet.sync()["requests"] == NONE  # nobody has looked yet
    with open_setup(quiet.config) as setup:
        organisation, feeds, now = (
            key_of(setup),
            setup.store.feeds,
            SystemClock().now(),
        )
        said = feeds.view(organisation, view)
        assert said
        assert "Berlin" not in said.digest
        feeds.describe_view(organisation, view, said.digest, now - HOUR)
    quiet.sync()
    assert quiet.ann.all_in() == []
    with open_setup(quiet.config) as setup:
        seen = setup.store.feeds.view(organisation, view)
        assert seen
        assert seen.digest != said.digest  # whoever reads the same view asks from now on
    settle(quiet)


def test_A16_another_ones_word_on_the_view_makes_a_user_ask(quiet: Stage):
    view = quiet.act("create_view", object="Contact", name="All", where="LastName != 'X'", scope="mine")["id"]
    quiet.configure(view="view:All")
    settle(quiet)
    quiet.act("edit_view", view=view, where="LastName = 'X'")
    with open_setup(quiet.config) as setup:
        setup.store.feeds.describe_view(key_of(setup), view, "of somebody else", SystemClock().now())
    assert quiet.sync(None)["requests"]["salesforce"] > 0
    assert quiet.ann.all_in() == []


def test_A18_sharing_that_is_lost_is_found_by_the_daily_sweep(scene: Stage):
    scene.configure(view="all", on_leave_scope="remove")
    shared = scene.admin.create(FirstName="Sha", LastName="Red")
    scene.act("share", record=shared, user="ann")
    settle(scene)
    scene.act("unshare", record=shared, user="ann")
    assert scene.sync()["requests"] == NONE  # no event tells of it
    with open_setup(scene.config) as setup:
        swept = SystemClock().now() - timedelta(hours=25)
        setup.store.save_state("ann", {Keys.SWEPT: swept.isoformat()})
    assert scene.sync()["mailbox"]["removed"] == 1
    settle(scene)


def test_A14_everybodys_scope_asks_whenever_anything_changes(scene: Stage):
    scene.configure(view="all")
    settle(scene)
    hidden = scene.admin.create(FirstName="Hid", LastName="Den")
    assert scene.sync()["requests"]["salesforce"] == 1
    settle(scene)
    assert scene.ann.all_in() == []  # visibility is the person's own
    scene.act("share", record=hidden, user="ann")
    scene.admin.update(hidden, Title="CEO")
    assert scene.sync()["mailbox"]["created"] == 1


def test_a_feed_that_fails_is_no_feed(quiet: Stage):
    text = quiet.config.read_text().replace('token = "sandbox-admin"', 'token = "sandbox-nobody"')
    quiet.config.write_text(text)
    (doe,) = quiet.org.all()
    quiet.org.update(doe["Id"], Title="CEO")
    report = quiet.sync()
    assert (report["requests"]["salesforce"], report["mailbox"]["updated"]) == (1, 1)
    with open_setup(quiet.config) as setup:
        standing = setup.store.feeds.standing(key_of(setup))
        assert standing
        assert standing.trouble == "LoginRefused"
    quiet.configure()
    settle(quiet)


def test_a_feed_that_is_turned_off_and_on_again_loses_nothing(quiet: Stage):
    (doe,) = quiet.org.all()
    quiet.feed = False
    quiet.configure()
    quiet.org.update(doe["Id"], Title="CEO")
    assert quiet.sync()["requests"]["salesforce"] == 1
    quiet.org.update(doe["Id"], Title="COO")
    quiet.feed = True
    quiet.configure()
    assert quiet.sync()["mailbox"]["updated"] == 1
    assert quiet.ann.get("Kim Doe").job_title == "COO"


def test_an_integration_user_who_does_not_see_everything_is_doubted(quiet: Stage):
    text = quiet.config.read_text().replace('token = "sandbox-admin"', 'token = "sandbox-bob"')
    quiet.config.write_text(text)
    (doe,) = quiet.org.all()
    quiet.advance(60)
    quiet.org.update(doe["Id"], Title="CEO")
    quiet.advance(900)
    assert quiet.sync()["requests"] == NONE  # bob does not see it
    quiet.ann.edit(quiet.ann.get("Kim Doe"), department="R&D")
    quiet.sync()
    assert quiet.ann.get("Kim Doe").job_title == "CEO"
    assert quiet.sync()["requests"]["salesforce"] == 1
    findings = quiet.run("doctor", code=1)["findings"]
    assert [f["outcome"] for f in findings if f["area"] == "feed"] == ["problem"]


def test_A2_somebody_who_waits_is_not_told_by_the_feed(quiet: Stage):
    with open_setup(quiet.config) as setup:
        setup.store.schedule.ask("ann", SystemClock().now())
    assert quiet.sync()["requests"]["salesforce"] == 1


def test_L3_L9_the_feed_asks_for_ids_and_keeps_nothing_else(quiet: Stage):
    secret = quiet.admin.create(FirstName="Secret", LastName="Person", Email="secret@person.example", Phone="5550142")
    quiet.admin.create("Account", Name="Secret Account")
    quiet.sync()
    shown = set[str]()
    for entry in asked(quiet, "admin"):
        request = json.loads(entry.request.body) if entry.call.operation == "composite" else {}
        if "describe" in str(request):
            assert b"ecret" not in entry.response
            texts = [unquote(part["url"]) for part in request["compositeRequest"]]
            shown |= {text.partition("SELECT ")[2].partition(" FROM")[0] for text in texts if "SELECT" in text}
    assert shown == {"Id, OwnerId, SystemModstamp", "Id, SystemModstamp"}
    kept = stored(quiet)
    assert secret in [row["ref"] for row in kept]
    assert set(kept[0]) == {"organisation", "kind", "ref", "number", "owner", "stamp", "seen"}
    assert "ecret" not in str(kept)
    assert secret not in json.dumps(quiet.run("export", "ann"))


def test_the_feed_knows_what_may_concern_whom(quiet: Stage):
    """Asked of the store itself: an owner's own, what there is a pair of, and nothing else."""
    ann = OwnerId(quiet.owner("ann"))
    with open_setup(quiet.config) as setup:
        organisation, feeds = key_of(setup), setup.store.feeds
        before = feeds.standing(organisation).head
    quiet.admin.create(LastName="Theirs")
    quiet.sync()
    with open_setup(quiet.config) as setup:
        feeds = setup.store.feeds
        assert not feeds.concerns("ann", organisation, before, Reach(ann))
        assert feeds.concerns("ann", organisation, before, Reach(None))
        assert not feeds.concerns("ann", organisation, feeds.standing(organisation).head, Reach(None))
