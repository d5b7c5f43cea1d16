from datetime import UTC, datetime

import pytest

from mailsync.core.person import Address
from mailsync.core.refs import AccountId, FieldName, Key, RecordId, Version
from mailsync.crm.salesforce.answers import Fault
from mailsync.crm.salesforce.outcomes import refused, scrub
from mailsync.errors import LoginRefused, OutcomeUnknown, PermissionMissing, VendorError
from mailsync.mapping.table import load
from mailsync.ports.crm import RecordDraft, RecordEdit
from mailsync.ports.outcomes import Missing, Refusal, Stale, Written
from tests.contract.crm.bench import Bench, bench, organisation

KEYED = organisation(custom_fields={"Contact": [{"name": "mailsync_key__c", "externalId": True}]})


def _draft(last_name: str = "Zed", key: str = "k1", **values: str) -> RecordDraft:
    return RecordDraft(Key(key), {FieldName("LastName"): last_name, **{FieldName(n): v for n, v in values.items()}})


def _edit(org: Bench, record: str, **values: str) -> RecordEdit:
    version = org.read(record).version
    return RecordEdit(RecordId(record), version, {FieldName(name): value for name, value in values.items()})


def test_creates_answer_in_order_and_a_bad_record_never_hides_its_neighbours(org: Bench) -> None:
    account = org.ann.create("Account", Name="Acme")
    street = Address("1 Main St\nFloor 2", "Springfield", "", "12345", "United States")
    good = RecordDraft(
        Key("k"),
        {FieldName("LastName"): "Good", FieldName("Title"): "", FieldName("MailingAddress"): street},
        AccountId(account),
        {"LeadSource": "Web"},
    )
    first, bad, last = org.crm.create([good, _draft("x" * 81), _draft("Last", Email="l@x.example")])
    assert isinstance(first, Written)
    saved = org.ann.get(first.id)
    assert (saved["AccountId"], saved["LeadSource"], saved["MailingCity"]) == (account, "Web", "Springfield")
    assert saved["MailingStreet"].replace("\r\n", "\n") == street.street
    assert saved["Title"] is None
    assert isinstance(bad, Refusal)
    assert (bad.code, bad.fields) == ("STRING_TOO_LONG", ("LastName",))
    assert "xxx" not in bad.message
    assert isinstance(last, Written)


def test_a_thousand_creates_are_one_request_in_collections_of_200(org: Bench) -> None:
    org.forget()
    outcomes = org.crm.create([_draft(f"Person {number}", f"k{number}") for number in range(1000)])
    assert len({one.id for one in outcomes if isinstance(one, Written)}) == 1000
    assert len(org.log()) == 1
    assert [len(part["body"]["records"]) for part in org.parts()] == [200] * 5
    assert org.crm.create([]) == []


LOST = ["drop_before", "drop_after", "error_after", "truncate", "html", "empty", "malform"]


@pytest.mark.parametrize("kind", LOST)
def test_B15_a_create_whose_answer_is_lost_is_in_doubt_and_was_sent_once(org: Bench, kind: str) -> None:
    org.fault(kind, "create")
    with pytest.raises(OutcomeUnknown):
        org.crm.create([_draft()])
    sent = [entry for entry in org.log() if "create" in entry["actions"]]
    assert len(sent) == 1
    assert org.contacts() == (0 if kind in ("drop_before", "html") else 1)
    assert org.waits == []


@pytest.mark.parametrize("kind", LOST)
def test_B15_an_account_whose_answer_is_lost_is_in_doubt_and_was_sent_once(org: Bench, kind: str) -> None:
    org.fault(kind, "create")
    with pytest.raises(OutcomeUnknown):
        org.crm.create_account("Acme")
    assert len(org.log()) == 1


def test_B15_a_definite_refusal_is_not_in_doubt(org: Bench) -> None:
    org.fault(
        "throttle",
        "create",
        code="REQUEST_LIMIT_EXCEEDED",
        message="ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    )
    with pytest.raises(Exception, match="wait") as caught:
        org.crm.create([_draft()])
    assert type(caught.value).__name__ == "Throttled"
    assert len(org.log()) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after"])
def test_B15_with_an_external_id_a_lost_create_is_simply_repeated(kind: str) -> None:
    with bench(KEYED) as org:
        crm = org.other(external_id="mailsync_key__c")
        org.fault(kind, "create")
        (outcome,) = crm.create([_draft("Zed", "key-1")])
        assert isinstance(outcome, Written)
        assert org.ann.get(outcome.id)["mailsync_key__c"] == "key-1"
        assert org.contacts() == 1
        assert crm.create([_draft("Zed", "key-1")]) == [outcome]


def test_B3_duplicates_are_refused_and_never_overridden(org: Bench) -> None:
    org.ann.create(LastName="Same", Email="same@x.example")
    org.admin.act("duplicate_rule", object="Contact", field="Email", action="alert")
    (outcome,) = org.crm.create([_draft("Same", Email="same@x.example")])
    assert isinstance(outcome, Refusal)
    assert outcome.code == "DUPLICATES_DETECTED"
    assert org.contacts() == 1
    assert not any("allowSave" in str(entry["headers"]) for entry in org.log())


def test_B15_an_update_carries_the_version_seen(org: Bench) -> None:
    record = org.ann.create(LastName="A", Title="Old", MailingCity="Here")
    edit = _edit(org, record, Title="New", Phone="")
    edit = RecordEdit(edit.record, edit.version, {**edit.values, FieldName("MailingAddress"): Address(city="There")})
    org.forget()
    assert org.crm.update([edit]) == [Written(record)]
    saved = org.ann.get(record)
    assert (saved["Title"], saved["Phone"], saved["MailingCity"]) == ("New", None, "There")
    (part,) = org.parts()
    assert (part["method"], list(part["httpHeaders"])) == ("PATCH", ["If-Unmodified-Since"])


def test_B15_an_update_of_what_somebody_changed_meanwhile_is_stale(org: Bench) -> None:
    record, gone = org.ann.create(LastName="A"), org.ann.create(LastName="B")
    edits = [_edit(org, record, Title="Mine"), _edit(org, gone, Title="Mine")]
    edits.append(RecordEdit(RecordId("003Ib00000zzzzzIAA"), edits[0].version, {FieldName("Title"): "x"}))
    edits.append(RecordEdit(RecordId(record), Version(""), {FieldName("Title"): "blind"}))
    edits.append(RecordEdit(RecordId("not/an id"), edits[0].version, {FieldName("Title"): "x"}))
    org.advance(5)
    org.ann.update(record, Title="Theirs")
    org.ann.delete(gone)
    assert org.crm.update(edits) == [Stale(), Missing(), Missing(), Stale(), Missing()]
    assert org.ann.get(record)["Title"] == "Theirs"


def test_a_version_with_a_fraction_is_rounded_up_so_that_it_can_match(org: Bench) -> None:
    record = org.ann.create(LastName="A")
    version = Version(datetime(2026, 11, 22, 8, 59, 12, 300_000, tzinfo=UTC).isoformat())
    org.forget()
    org.crm.update([RecordEdit(RecordId(record), version, {FieldName("Title"): "x"})])
    assert org.parts()[0]["httpHeaders"]["If-Unmodified-Since"] == "Sun, 22 Nov 2026 08:59:13 GMT"


def test_updates_go_25_a_request_and_in_order() -> None:
    with bench(organisation(60)) as org:
        records = org.changes(None).records
        edits = [RecordEdit(one.id, one.version, {FieldName("Title"): f"T{n}"}) for n, one in enumerate(records)]
        before = org.crm.requests
        assert org.crm.update(edits) == [Written(one.id) for one in records]
        assert org.crm.requests == before + 3
        assert [one.values[FieldName("Title")] for one in org.changes(None).records] == [f"T{n}" for n in range(60)]


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after"])
def test_B15_a_lost_update_is_repeated_with_its_condition_and_never_overwrites(org: Bench, kind: str) -> None:
    record = org.ann.create(LastName="A")
    org.advance(60)
    edit = _edit(org, record, Title="New")
    org.forget()
    org.fault(kind, "update")
    assert org.crm.update([edit]) == [Written(record) if kind == "drop_before" else Stale()]
    assert org.ann.get(record)["Title"] == "New"
    assert [list(part["httpHeaders"]) for part in org.parts()] == [["If-Unmodified-Since"]] * 2


def test_B13_refusals_name_the_fields_in_the_cores_words(org: Bench) -> None:
    record = org.ann.create(LastName="A")
    org.admin.act("validation_rule", object="Contact", field="Title", pattern="^Boss$", message="No bosses here")
    org.admin.act("field_security", object="Contact", field="Phone", user="ann", read=True, edit=False)
    refusals = org.crm.update(
        [
            _edit(org, record, Title="Boss"),
            _edit(org, record, Phone="1"),
            _edit(org, record, Email="not an address"),
            _edit(org, record, LastName=""),
        ]
    )
    assert [one.code for one in refusals if isinstance(one, Refusal)] == [
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_EMAIL_ADDRESS",
        "REQUIRED_FIELD_MISSING",
    ]
    assert [one.fields for one in refusals if isinstance(one, Refusal)][1:] == [("Phone",), ("Email",), ("LastName",)]
    assert "No bosses here" in str(refusals[0])
    assert "not an address" not in str(refusals)


def test_a_record_that_is_read_only_for_the_user_is_forbidden(org: Bench) -> None:
    record = org.bob.create(LastName="B")
    org.admin.act("share", record=record, user="ann")
    update, delete = org.crm.update([_edit(org, record, Title="x")])[0], org.crm.delete([RecordId(record)])[0]
    assert isinstance(update, Refusal)
    assert isinstance(delete, Refusal)
    assert (update.forbidden, delete.forbidden) == (True, True)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [("API_DISABLED_FOR_ORG", 403, PermissionMissing), ("INVALID_SESSION_ID", 401, LoginRefused)],
)
def test_B10_what_is_refused_to_everybody_is_not_said_of_one_record(
    org: Bench, code: str, status: int, kind: type[VendorError]
) -> None:
    """An edit on a record that the user may not change is given up; this one is to be sent again."""
    edit = _edit(org, org.ann.create(LastName="Mine"), Title="CTO")
    org.fault("reject", "composite", items={"0": code}, status=status)
    with pytest.raises(kind):
        org.crm.update([edit])
    assert isinstance(org.crm.update([edit])[0], Written)


def test_a_locked_row_is_worth_another_try(org: Bench) -> None:
    record = org.ann.create(LastName="A")
    edit = _edit(org, record, Title="x")
    org.fault("lock", "update")
    (outcome,) = org.crm.update([edit])
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.transient) == ("UNABLE_TO_LOCK_ROW", True)


def test_deletes_go_200_a_collection_and_what_is_gone_is_missing() -> None:
    with bench(organisation(250)) as org:
        ids = [record.id for record in org.changes(None).records]
        org.ann.delete(ids[3])
        before = org.crm.requests
        outcomes = org.crm.delete([*ids, RecordId("003Ib00000zzzzzIAA")])
        assert org.crm.requests == before + 1
        assert [n for n, one in enumerate(outcomes) if isinstance(one, Missing)] == [3, 250]
        assert org.contacts() == 0
        assert org.crm.fates(ids[:2]).keys() == set(ids[:2])


@pytest.mark.parametrize("kind", ["drop_after", "error_after"])
def test_a_lost_delete_is_repeated_and_finds_it_gone(org: Bench, kind: str) -> None:
    record = RecordId(org.ann.create(LastName="A"))
    org.fault(kind, "delete")
    assert org.crm.delete([record]) == [Missing()]


def test_what_is_no_id_is_never_deleted(org: Bench) -> None:
    with pytest.raises(ValueError, match="Salesforce ids"):
        org.crm.delete([RecordId("003&allOrNone=true")])
    assert org.log() == []


def test_L9_values_never_stand_in_a_message() -> None:
    message = "Title: data value too large: Geheimrat Li (max length=5); Li is not Lisa"
    assert scrub(message, ["Geheimrat Li", "Li", 7, None, ""]) == (
        "Title: data value too large: … (max length=5); … is not Lisa"
    )
    fault = Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Geheimrat is no title")
    assert "Geheimrat" not in str(refused([fault], 400, {"Title": "Geheimrat"}, load()))


def test_fields_without_a_mapping_stand_in_the_message() -> None:
    outcome = refused([Fault("REQUIRED_FIELD_MISSING", "Required", ("Rating__c", "MailingCity"))], 400, {}, load())
    assert isinstance(outcome, Refusal)
    assert outcome.fields == ("MailingAddress",)
    assert outcome.message == "Required [Rating__c]"
