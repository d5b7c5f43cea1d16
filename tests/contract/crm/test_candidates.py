"""The organisation as its integration user sees it (decision 0028): everybody's changes, as ids; and what a cursor
knows by itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from mailsync.crm.salesforce import SalesforceLogin, open_candidates
from mailsync.errors import AnswerBroken, LoginRefused, Unreachable
from mailsync.ports.bearer import FixedBearer
from mailsync.ports.crm import Scope, Watch
from mailsync.ports.feeds import CandidateSource, Found, Kind
from tests.contract.crm.bench import Bench, bench, organisation

DAY = 86_400


@pytest.fixture
def feed(org: Bench) -> Iterator[CandidateSource]:
    """Read by admin."""
    source = open_candidates(SalesforceLogin(org.url, FixedBearer("sandbox-admin")), sleep=org.waits.append)
    yield source
    source.close()


def begin(org: Bench, feed: CandidateSource) -> str:
    """The cursor of a first reading, long after all that was done before."""
    org.advance(1200)
    cursor = feed.read("").cursor
    org.advance(60)
    return cursor


def refs(found: Found, kind: Kind = Kind.CONTACT) -> set[str]:
    return {c.ref for c in found.candidates if c.kind is kind}


def test_the_first_reading_finds_nothing_and_begins_a_numbering(org: Bench, feed: CandidateSource) -> None:
    org.ann.create(LastName="Doe")
    found = feed.read("")
    assert (found.candidates, found.fresh) == ((), True)
    assert not feed.read(found.cursor).fresh


def test_what_anybody_touches_is_found_with_its_owner(org: Bench, feed: CandidateSource) -> None:
    old = org.bob.create(LastName="Bobs")
    cursor = begin(org, feed)
    mine = org.ann.create(LastName="Mine")
    org.bob.update(old, Title="CEO")
    account = org.bob.create("Account", Name="Acme")
    found = feed.read(cursor)
    assert refs(found) == {mine, old}
    assert refs(found, Kind.ACCOUNT) == {account}
    owners = {c.ref: c.owner for c in found.candidates if c.kind is Kind.CONTACT}
    assert owners == {mine: org.crm_user("ann"), old: org.crm_user("bob")}
    assert {c.stamp.tzinfo for c in found.candidates} == {UTC}


def test_D4_what_is_deleted_is_found_by_both_lists(org: Bench, feed: CandidateSource) -> None:
    gone = org.ann.create(LastName="Gone")
    cursor = begin(org, feed)
    org.ann.delete(gone)
    assert refs(feed.read(cursor)) == {gone}


def test_a_purge_that_may_have_come_after_the_reading_begins_anew(org: Bench, feed: CandidateSource) -> None:
    """Nothing names what is purged; users then count for themselves."""
    gone = org.ann.create(LastName="Gone")
    cursor = begin(org, feed)
    org.ann.delete(gone)
    org.admin.act("purge", record=gone)
    found = feed.read(cursor)
    assert found.fresh
    org.advance(120)
    later = feed.read(found.cursor)  # that reading was in the purge's minute, too
    org.advance(120)
    assert not feed.read(later.cursor).fresh


@pytest.mark.parametrize("days", [15, 40])
def test_a_cursor_too_old_begins_anew(org: Bench, feed: CandidateSource, days: int) -> None:
    cursor = begin(org, feed)
    org.advance(days * DAY)
    assert feed.read(cursor).fresh


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"form": 2}', '{"form": 1, "mark": "x", "modified": {}}', '"x"'])
def test_a_damaged_cursor_begins_anew(feed: CandidateSource, text: str) -> None:
    assert feed.read(text).fresh


def test_a_cursor_of_the_future_begins_anew(org: Bench, feed: CandidateSource) -> None:
    known = json.loads(begin(org, feed))
    known["mark"] = (datetime.fromisoformat(known["mark"]) + timedelta(days=2)).isoformat()
    assert feed.read(json.dumps(known)).fresh


def test_an_idle_reading_is_one_request_that_asks_for_ids_alone(org: Bench, feed: CandidateSource) -> None:
    org.ann.create(LastName="Doe", Phone="5550142")
    cursor = begin(org, feed)
    org.forget()
    assert feed.read(cursor).candidates == ()
    assert [entry["operation"] for entry in org.log()] == ["composite"]
    queries = [unquote(part["url"]) for part in org.parts() if "?q=" in part["url"]]
    shown = [text.partition("SELECT ")[2].partition(" FROM")[0] for text in queries]
    assert shown == ["Id, OwnerId, SystemModstamp", "Id, SystemModstamp"]
    assert all("If-Modified-Since" in p["httpHeaders"] for p in org.parts() if p["url"].endswith("/describe"))


def test_many_changes_are_read_to_the_end(feed: CandidateSource) -> None:
    with bench(organisation(2100)) as many:
        source = open_candidates(SalesforceLogin(many.url, FixedBearer("sandbox-admin")))
        cursor = source.read("").cursor
        rows = many.admin.client.query_all("SELECT Id FROM Contact")["records"]
        for start in range(0, len(rows), 200):
            some = [{"attributes": {"type": "Contact"}, "id": r["Id"], "Title": "x"} for r in rows[start : start + 200]]
            many.admin.client.restful("composite/sobjects", method="PATCH", json={"records": some})
        assert len(refs(source.read(cursor))) == 2100
        source.close()


def test_B8_a_description_that_changed_concerns_everybody(org: Bench, feed: CandidateSource) -> None:
    known = json.loads(begin(org, feed))
    known["modified"]["contact"] = "Sat, 01 Jan 2000 00:00:00 GMT"
    assert refs(feed.read(json.dumps(known)), Kind.DESCRIPTION) == {"Contact"}


@pytest.mark.parametrize(
    ("kind", "error"), [("expire_token", LoginRefused), ("drop_before", Unreachable), ("malform", AnswerBroken)]
)
def test_a_reading_that_fails_says_why(org: Bench, feed: CandidateSource, kind: str, error: type[Exception]) -> None:
    cursor = begin(org, feed)
    org.fault(kind, times=50)
    with pytest.raises(error):
        feed.read(cursor)


# What a cursor knows by itself


def test_a_cursor_stands_for_an_idle_reading(org: Bench) -> None:
    org.ann.create(LastName="Doe")
    watch = Watch(None, Scope("mine"), identified=True)
    seen = org.crm.changes(watch)
    asked = org.crm.requests
    known = org.crm.remembered(Watch(seen.cursor, Scope("mine")))
    assert org.crm.requests == asked
    assert known
    assert (known.changes.asked, known.changes.records, known.changes.cursor) == (False, (), seen.cursor)
    assert known.changes.limits == seen.limits
    assert known.reach.owner == org.crm_user("ann")
    assert (known.reach.view, known.reach.parents) == ("", False)


def test_only_what_the_cursor_was_read_for_is_known(org: Bench) -> None:
    mine = org.changes(None).cursor
    assert org.crm.remembered(Watch(mine, Scope("mine"))) is None  # nobody asked who the user is
    assert org.crm.remembered(Watch(mine, Scope("all"))) is None
    assert org.crm.remembered(Watch(None, Scope("mine"))) is None
    everybody = org.changes(None, "all").cursor
    known = org.crm.remembered(Watch(everybody, Scope("all")))
    assert known
    assert known.reach.owner is None


def test_A14_a_list_view_reaches_as_far_as_its_scope(org: Bench) -> None:
    org.admin.act("create_view", object="Contact", name="Own", where="MailingCity = 'Berlin'", scope="mine")
    org.admin.act("create_view", object="Contact", name="Any", where="Account.Name = 'Acme'", scope="everything")
    reaches = []
    for view in ("view:Own", "view:Any"):
        cursor = org.crm.changes(Watch(None, Scope(view), identified=True)).cursor
        known = org.crm.remembered(Watch(cursor, Scope(view)))
        assert known
        reaches.append(known.reach)
    own, any_ = reaches
    assert (own.owner, own.parents) == (org.crm_user("ann"), False)
    assert (any_.owner, any_.parents) == (None, True)
    assert own.view
    assert own.digest != any_.digest
    assert "Berlin" not in own.digest


def test_A16_a_view_at_fault_is_never_known(org: Bench) -> None:
    view = org.admin.act("create_view", object="Contact", name="Gone", where="LastName != 'x'", scope="everything")
    org.admin.act("delete_view", view=view["id"])
    cursor = org.changes(None, "view:Gone").cursor
    assert org.crm.remembered(Watch(cursor, Scope("view:Gone"))) is None


def test_who_the_user_is_is_asked_once(org: Bench) -> None:
    watch = Watch(None, Scope("mine"), identified=True)
    cursor = org.crm.changes(watch).cursor
    fresh = org.other()
    fresh.changes(Watch(cursor, Scope("mine"), identified=True))
    assert fresh.requests == 1
