import json
from datetime import timedelta

import pytest

from mailsync.core.changes import Trace
from mailsync.core.refs import AccountId, FieldName
from mailsync.crm.salesforce.cursor import load
from mailsync.errors import AnswerBroken, VendorError
from tests.contract.crm.bench import Bench, bench, organisation


def _heavy(parts: list[dict]) -> list[str]:
    return [part["url"] for part in parts if "/query" in part["url"] or "/composite/sobjects" in part["url"]]


def test_A14_the_first_reading_is_one_request_and_complete(org: Bench) -> None:
    mine = org.ann.create(LastName="Mine", FirstName="Mia", Email="mia@x.example")
    org.bob.create(LastName="Bobs")
    seen = org.changes(None)
    assert [record.id for record in seen.records] == [mine]
    assert (seen.complete, seen.count, seen.members, seen.traces) == (True, 1, {mine}, ())
    assert org.crm.requests == 1
    record = seen.records[0]
    assert (record.values[FieldName("FirstName")], record.values[FieldName("Title")]) == ("Mia", "")
    assert record.in_scope
    assert record.version == org.ann.get(mine)["LastModifiedDate"]
    assert seen.limits[FieldName("LastName")].required
    assert seen.limits[FieldName("LastName")].length == 80
    assert seen.limits[FieldName("Salutation")].choices[0] == ("Mr.", "Mr.")
    assert not seen.limits[FieldName("Company")].updateable


def test_an_idle_session_is_exactly_one_composite_with_at_most_five_queries(org: Bench) -> None:
    org.ann.create(LastName="Mine")
    for view in ("mine", "all"):
        cursor = org.start(view)
        for sweep in (False, True):
            org.forget()
            before = org.crm.requests
            seen = org.changes(cursor, view, sweep=sweep)
            assert (seen.records, seen.traces, seen.count, seen.complete, seen.described) == ((), (), 1, False, False)
            assert (seen.members is not None) == sweep
            assert [entry["operation"] for entry in org.log()] == ["composite"]
            assert org.crm.requests == before + 1
            assert len(_heavy(org.parts())) == 4 + sweep
            conditional = [p for p in org.parts() if p["url"].endswith("/describe")]
            assert all("If-Modified-Since" in p["httpHeaders"] for p in conditional)
            response = json.loads(org.log()[0]["response"])
            states = {p["referenceId"]: p["httpStatusCode"] for p in response["compositeResponse"]}
            assert (states["contact"], states["account"]) == (304, 304)


def test_A17_what_people_change_is_reported_once_it_is_in_scope(org: Bench) -> None:
    mine, bobs = org.ann.create(LastName="Mine"), org.bob.create(LastName="Bobs")
    org.admin.act("share", record=bobs, user="ann")
    cursor = org.start()
    org.ann.update(mine, Title="CTO")
    org.bob.update(bobs, Title="CEO")
    seen = org.changes(cursor)
    assert [record.values[FieldName("Title")] for record in seen.records] == ["CTO"]
    assert set(seen.traces) == {Trace(mine, deleted=False), Trace(bobs, deleted=False)}
    org.advance(1200)
    later = org.changes(seen.cursor)
    org.advance(1200)
    assert org.changes(later.cursor).records == ()


def test_A18_an_owner_change_shows_as_a_trace_because_the_scope_hides_it(org: Bench) -> None:
    mine = org.ann.create(LastName="Mine")
    org.admin.act("share", record=mine, user="bob")
    cursor = org.start()
    org.admin.update(mine, OwnerId=org.crm_user("bob"))
    org.admin.act("share", record=mine, user="ann")
    seen = org.changes(cursor)
    assert (seen.records, seen.traces, seen.count) == ((), (Trace(mine, deleted=False),), 0)


def test_A18_what_was_edited_while_it_was_not_shared_is_told_by_the_next_sweep(org: Bench) -> None:
    bobs = org.bob.create(LastName="Bobs")
    org.admin.act("share", record=bobs, user="ann")
    cursor = org.start("all")
    org.admin.act("unshare", record=bobs, user="ann")
    org.bob.update(bobs, Title="CTO")
    org.advance(1200)
    cursor = org.changes(cursor, "all").cursor
    org.admin.act("share", record=bobs, user="ann")
    org.advance(1200)
    assert org.changes(cursor, "all").records == (), "a share bumps no stamp"
    swept = org.changes(cursor, "all", sweep=True)
    assert [record.values[FieldName("Title")] for record in swept.records] == ["CTO"]
    org.advance(1200)
    later = org.changes(swept.cursor, "all")
    assert org.changes(later.cursor, "all", sweep=True).records == (), "that was the last sweep"


def test_D4_deletions_undeletions_and_merges_are_traces(org: Bench) -> None:
    names = ("Gone", "Back", "Loser", "Winner", "Last")
    gone, back, loser, winner, last = (org.ann.create(LastName=name) for name in names)
    cursor = org.start()
    org.ann.delete(gone)
    org.ann.delete(back)
    org.ann.undelete(back)
    org.ann.merge(winner, loser)
    org.ann.merge(last, winner)
    traces = {trace.id: trace for trace in org.changes(cursor).traces}
    assert traces[gone] == Trace(gone, deleted=True)
    assert not traces[back].deleted
    assert traces[loser] == Trace(loser, deleted=True, master=last)
    assert traces[winner] == Trace(winner, deleted=True, master=last)
    assert not traces[last].deleted


def test_B9_renamed_accounts_are_reported(org: Bench) -> None:
    account = org.ann.create("Account", Name="Old")
    record = org.ann.create(LastName="Mine", AccountId=account)
    cursor = org.start()
    org.ann.update(account, "Account", Name="New")
    seen = org.changes(cursor)
    assert seen.accounts == {AccountId(account): "New"}
    assert seen.records == ()
    assert org.read(record).values[FieldName("Company")] == "New"


def test_an_account_that_the_user_can_not_see_leaves_the_company_unknown(org: Bench) -> None:
    account = org.bob.create("Account", Name="Hidden")
    record = org.admin.create(LastName="Mine", AccountId=account, OwnerId=org.crm_user("ann"))
    found = org.read(record)
    assert found.account == account
    assert FieldName("Company") not in found.values
    assert org.read(org.ann.create(LastName="Free")).values[FieldName("Company")] == ""


def test_rows_that_commit_late_are_found_by_the_overlap(org: Bench) -> None:
    cursor = org.start()
    org.admin.act("late_commit", seconds=300)
    late = org.ann.create(LastName="Late")
    org.advance(60)
    seen = org.changes(cursor)
    assert seen.records == ()
    org.advance(400)
    assert [record.id for record in org.changes(seen.cursor).records] == [late]


def test_A21_the_cursor_is_the_time_of_the_request_and_reading_again_repeats(org: Bench) -> None:
    cursor = org.start()
    org.ann.create(LastName="Mine")
    one, other = org.changes(cursor), org.changes(cursor)
    assert one.records == other.records
    after = load(one.cursor)
    assert after is not None
    assert after.mark == one.now


@pytest.mark.parametrize("damage", ["{}", "not json", '{"form":1}', '{"form":2,"mark":"x"}', "[]", "null", ""])
def test_a_cursor_that_can_not_be_read_reads_everything(org: Bench, damage: str) -> None:
    mine = org.ann.create(LastName="Mine")
    seen = org.changes(damage)
    assert (seen.complete, seen.members) == (True, {mine})


def test_a_cursor_from_before_sweeps_were_remembered_is_one_still(org: Bench) -> None:
    org.ann.create(LastName="Mine")
    told = json.loads(org.start())
    assert told.pop("swept") == told["mark"]
    seen = org.changes(json.dumps(told), sweep=True)
    assert (seen.complete, seen.records) == (False, ())
    assert json.loads(seen.cursor)["swept"] == json.loads(seen.cursor)["mark"]


def test_a_cursor_of_another_scope_or_older_than_the_list_of_deletions_reads_everything(org: Bench) -> None:
    mine = org.ann.create(LastName="Mine")
    cursor = org.start()
    other = org.changes(cursor, "all")
    assert (other.complete, other.members) == (True, {mine})
    org.advance(timedelta(days=14, hours=1).total_seconds())
    old = org.changes(cursor)
    assert (old.complete, old.members, old.traces) == (True, {mine}, ())
    org.advance(1200)
    assert not org.changes(old.cursor).complete


def test_a_cursor_in_the_future_reads_everything(org: Bench) -> None:
    cursor = json.loads(org.start())
    cursor["mark"] = "2038-01-19T03:14:08+00:00"
    before = org.crm.requests
    assert org.changes(json.dumps(cursor)).complete
    assert org.crm.requests == before + 2


def test_D7_purged_records_make_the_window_of_deletions_invalid_so_everything_is_read(org: Bench) -> None:
    kept, purged = org.ann.create(LastName="Kept"), org.ann.create(LastName="Purged")
    cursor = org.start()
    org.ann.delete(purged)
    org.advance(120)
    org.admin.act("purge", record=purged)
    seen = org.changes(cursor)
    assert (seen.complete, seen.members) == (True, {kept})
    org.advance(1200)
    assert not org.changes(seen.cursor).complete


def test_pages_are_followed_to_their_end(org: Bench) -> None:
    with bench(organisation(7, organisation={"largest_page": 2})) as small:
        seen = small.changes(None)
        assert (len(seen.records), seen.count, seen.members is not None) == (7, 7, True)
        assert small.crm.requests == 4
        cursor = seen.cursor
        small.advance(1200)
        swept = small.changes(cursor, sweep=True)
        assert swept.members == {record.id for record in seen.records}


def test_a_locator_that_expired_starts_the_list_again_once(org: Bench) -> None:
    expired = {"code": "INVALID_QUERY_LOCATOR", "status": 400, "message": "invalid query locator"}
    with bench(organisation(7, organisation={"largest_page": 2})) as small:
        small.fault("refuse", "queryMore", after=1, **expired)
        assert len(small.changes(None).records) == 7


@pytest.mark.parametrize(
    "page",
    [
        {"totalSize": 7, "done": True, "records": []},
        {"totalSize": 7, "done": False, "records": []},
        {"totalSize": 7, "done": False, "records": [], "nextRecordsUrl": "https://evil.example/services/data/x"},
        {"totalSize": 7, "done": False, "records": [], "nextRecordsUrl": "//evil.example/services/data/x"},
        {"totalSize": 7, "done": False, "records": "none"},
        {"done": True, "records": []},
    ],
)
def test_a_list_with_holes_or_that_leads_elsewhere_is_never_believed(page: dict) -> None:
    with bench(organisation(7, organisation={"largest_page": 2})) as small:
        small.fault("status", "queryMore", status=200, body=json.dumps(page), times=9)
        with pytest.raises(AnswerBroken):
            small.changes(None)
        assert len(small.log()) <= 6


def test_a_list_that_goes_round_in_circles_ends() -> None:
    with bench(organisation(7, organisation={"largest_page": 2})) as small:
        small.changes(None)
        url = next(entry["path"] for entry in small.log() if entry["operation"] == "queryMore")
        page = {"totalSize": 7, "done": False, "records": [], "nextRecordsUrl": url}
        small.fault("status", "queryMore", status=200, body=json.dumps(page), times=99)
        with pytest.raises(AnswerBroken):
            small.changes(None)
        assert len(small.log()) < 15


def test_B13_a_hidden_field_is_never_asked_for_and_a_shown_one_is_read_for_all(org: Bench) -> None:
    mine = org.ann.create(LastName="Mine", Title="CTO")
    cursor = org.start()
    org.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    org.advance(60)
    org.ann.update(mine, Department="R&D")
    hidden = org.changes(cursor)
    assert (hidden.described, hidden.complete) == (True, False)
    assert FieldName("Title") not in hidden.records[0].values
    assert FieldName("Title") not in hidden.limits
    org.advance(1200)
    org.admin.act("field_security", object="Contact", field="Title", user="ann", read=True, edit=False)
    org.advance(60)
    shown = org.changes(hidden.cursor)
    assert (shown.described, shown.complete) == (True, True)
    assert shown.records[0].values[FieldName("Title")] == "CTO"
    assert not shown.limits[FieldName("Title")].updateable


def test_a_field_hidden_behind_an_unchanged_describe_is_described_anew(org: Bench) -> None:
    mine = org.ann.create(LastName="Mine", Title="CTO")
    cursor = json.loads(org.start())
    org.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    cursor["description"]["modified"][0] = "Tue, 19 Jan 2038 03:14:08 GMT"  # nothing is newer: 304
    org.ann.update(mine, Department="R&D")
    seen = org.changes(json.dumps(cursor))
    assert seen.described
    assert [FieldName("Title") in record.values for record in seen.records] == [False]


def test_B8_a_newly_required_field_is_told(org: Bench) -> None:
    cursor = org.start()
    assert not org.crm.limits()[FieldName("Title")].required
    org.admin.act("required_field", object="Contact", field="Title")
    org.advance(60)
    seen = org.changes(cursor)
    assert seen.described
    assert seen.limits[FieldName("Title")].required


def test_a_person_who_may_not_see_account_names_still_syncs(org: Bench) -> None:
    org.ann.create(LastName="Mine")
    org.admin.act("field_security", object="Contact", field="AccountId", user="ann", read=False, edit=False)
    seen = org.changes(None)
    assert len(seen.records) == 1
    assert seen.records[0].account is None
    assert FieldName("Company") not in seen.records[0].values
    assert FieldName("Company") not in seen.limits


def test_B5_accounts_that_are_not_described_now_are_not_hidden(org: Bench) -> None:
    """A record that is made meanwhile would get no Account, and be private for it (vendors/salesforce.md 5)."""
    org.ann.create(LastName="Mine")
    org.fault("reject", "composite", items={"3": "REQUEST_RUNNING_TOO_LONG"}, status=400)
    with pytest.raises(VendorError):
        org.changes(None)
    assert FieldName("Company") in org.changes(None).limits
