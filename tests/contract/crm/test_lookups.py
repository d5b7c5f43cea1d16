from datetime import timedelta

from mailsync.core.changes import Trace
from mailsync.core.refs import FieldName, RecordId
from mailsync.crm.salesforce.contacts import EVERYTHING, contacts_query
from mailsync.crm.salesforce.describe import assumed, read_account, read_contact
from mailsync.mapping.table import load
from mailsync.ports.crm import MatchKeys, Scope
from tests.contract.crm.bench import Bench, bench, organisation

NOWHERE = RecordId("003Ib00000zzzzzIAA")


def test_records_are_read_afresh_with_whether_they_are_in_scope(org: Bench) -> None:
    mine, bobs, hidden = org.ann.create(LastName="A"), org.bob.create(LastName="B"), org.bob.create(LastName="C")
    gone = org.ann.create(LastName="D")
    org.ann.delete(gone)
    org.admin.act("share", record=bobs, user="ann")
    wanted = [RecordId(one) for one in (mine, bobs, hidden, gone)] + [NOWHERE]
    found = org.crm.read(wanted, Scope("mine"))
    assert {one: record and record.in_scope for one, record in found.items()} == {
        mine: True, bobs: False, hidden: None, gone: None, NOWHERE: None
    }  # fmt: skip
    everything = org.crm.read(wanted, Scope("all"))
    assert [bool(record and record.in_scope) for record in everything.values()] == [True, True, False, False, False]
    assert org.crm.read([], Scope("mine")) == {}


def test_ids_of_15_characters_are_the_same_records(org: Bench) -> None:
    record = org.ann.create(LastName="A")
    short = RecordId(record[:15])
    found = org.crm.read([short], Scope("mine"))[short]
    assert found is not None
    assert found.id == record


def test_a_thousand_records_are_read_in_one_request() -> None:
    with bench(organisation(1001)) as large:
        ids = [record.id for record in large.changes(None).records]
        before = large.crm.requests
        assert all(large.crm.read(ids[:1000], Scope("mine")).values())
        assert large.crm.requests == before + 1
        assert all(large.crm.read(ids, Scope("mine")).values())
        assert large.crm.requests == before + 3
        assert max(len(entry["path"]) + len(entry["query"]) for entry in large.log()) < 2000


def test_D7_only_what_salesforce_confirms_is_a_fate(org: Bench) -> None:
    gone, live, hidden, loser, winner, last = (org.ann.create(LastName=name) for name in "ABCDEF")
    org.admin.update(hidden, OwnerId=org.crm_user("bob"))
    org.ann.delete(gone)
    org.ann.merge(winner, loser)
    org.ann.merge(last, winner)
    wanted = [RecordId(one) for one in (gone, live, hidden, loser)] + [NOWHERE]
    assert org.crm.fates(wanted) == {
        gone: Trace(RecordId(gone), deleted=True),
        loser: Trace(RecordId(loser), deleted=True, master=RecordId(last)),
    }
    org.ann.delete(last)
    assert org.crm.fates([RecordId(loser)]) == {loser: Trace(RecordId(loser), deleted=True)}
    assert org.crm.fates([]) == {}


def test_D7_a_purged_record_that_the_feed_saw_deleted_stays_proven(org: Bench) -> None:
    gone = org.ann.create(LastName="A")
    cursor = org.start()
    org.ann.delete(gone)
    org.changes(cursor)
    org.admin.act("purge", record=gone)
    assert org.crm.fates([RecordId(gone), NOWHERE]) == {gone: Trace(RecordId(gone), deleted=True)}


def test_B2_candidates_are_found_by_address_and_by_name_in_any_case(org: Bench) -> None:
    address = org.ann.create(LastName="A", Email="Jo@X.example")
    name = org.ann.create(LastName="O'Neil \\ %", FirstName="Jo")
    bare = org.ann.create(LastName="Solo")
    both = org.ann.create(LastName="Both", FirstName="Bo", Email="bo@x.example")
    org.ann.create(LastName="Solo", FirstName="Han")
    org.bob.create(LastName="Hidden", Email="jo@x.example")
    keys = MatchKeys(
        frozenset({"jo@x.example", "bo@x.example", "nobody@x.example", "x" * 90 + "@x.example"}),
        frozenset({("jo", "o'neil \\ %"), ("", "solo"), ("bo", "both"), ("first", "")}),
    )
    found = org.crm.candidates(keys)
    assert sorted(record.id for record in found) == sorted([address, name, bare, both])
    assert org.crm.candidates(MatchKeys()) == []


def test_a_thousand_addresses_and_as_many_names_take_few_requests(org: Bench) -> None:
    wanted = org.ann.create(LastName="P999", FirstName="F", Email="p1999@x.example")
    keys = MatchKeys(
        frozenset(f"p{n}@x.example" for n in range(1000, 2000)), frozenset(("f", f"p{n}") for n in range(500, 1000))
    )
    org.crm.limits()
    before = org.crm.requests
    assert [record.id for record in org.crm.candidates(keys)] == [wanted]
    assert org.crm.requests == before + 2


def test_B15_own_creates_are_those_of_this_user_since_then(org: Bench) -> None:
    org.ann.create(LastName="Before")
    org.advance(100)
    since = org.crm.now
    mine = org.ann.create(LastName="After", Email="a@x.example")
    theirs = org.admin.create(LastName="Theirs", OwnerId=org.crm_user("ann"))
    found = org.crm.own_creates(since - timedelta(seconds=50))
    assert [record.id for record in found] == [mine]
    assert found[0].values[FieldName("Email")] == "a@x.example"
    assert theirs not in {record.id for record in found}


def test_a_field_hidden_since_the_describe_is_left_out_of_lookups(org: Bench) -> None:
    record = org.ann.create(LastName="A", Title="CTO")
    org.crm.limits()
    org.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    assert FieldName("Title") not in org.read(record).values


def test_A14_person_accounts_are_left_out_only_where_the_organisation_has_them() -> None:
    table = load()
    fields = [{"name": name} for name in ("LastName", "AccountId")]
    without = read_contact(assumed(table), {"fields": fields}, "", table)
    having = read_contact(assumed(table), {"fields": [*fields, {"name": "IsPersonAccount"}]}, "", table)
    assert "IsPersonAccount" not in contacts_query(without, table, EVERYTHING).text
    assert contacts_query(having, table, EVERYTHING).text.endswith("WHERE (IsPersonAccount = false) ORDER BY Id")
    assert read_account(having, {"fields": [{"name": "Name"}, {"name": "IsPersonAccount"}]}, "").person_accounts
    assert not read_account(having, None, "").accounts
