"""Bulk API 2.0: jobs, their CSV, what becomes of each row."""

import csv
from io import StringIO
from typing import Any

import pytest

from mailsync.sandbox.salesforce.bulk.sheets import BatchError, parse_sheet
from mailsync.sandbox.vendor import Request
from tests.contract.sandbox_salesforce.desk import BASE, Desk, Got, Office, open_office, read, refusal

KEYED = {"custom_fields": {"Contact": [{"name": "Key__c", "externalId": True, "length": 20}]}}


def upload(desk: Desk, job: str, text: str | bytes, kind: str = "text/csv; charset=UTF-8") -> Got:
    headers = {"authorization": f"Bearer sandbox-{desk.user}", "content-type": kind}
    body = text.encode() if isinstance(text, str) else text
    return read(desk.vendor.answer(Request("PUT", f"{BASE}jobs/ingest/{job}/batches", "", headers, body)))


def start(desk: Desk, operation: str = "insert", table: str = "Contact", **more: object) -> str:
    got = desk.send("POST", "jobs/ingest/", {"operation": operation, "object": table, **more})
    assert got.status == 200, got.body
    return got.body["id"]


def ingest(desk: Desk, text: str | bytes, operation: str = "insert", table: str = "Contact", **more: object) -> str:
    """A whole job, up to its end where the organisation takes no time for it."""
    job = start(desk, operation, table, **more)
    assert upload(desk, job, text).status == 201
    assert desk.send("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"}).body["state"] == "UploadComplete"
    return job


def job_of(desk: Desk, job: str, kind: str = "ingest") -> dict[str, Any]:
    got = desk.get(f"jobs/{kind}/{job}")
    assert got.status == 200, got.body
    return got.body


def rows_of(desk: Desk, job: str, which: str) -> list[list[str]]:
    got = desk.get(f"jobs/ingest/{job}/{which}")
    assert (got.status, got.headers["content-type"]) == (200, "text/csv"), got.body
    return list(csv.reader(StringIO(got.body)))


def extract(desk: Desk, text: str, operation: str = "query") -> list[list[str]]:
    job = desk.send("POST", "jobs/query", {"operation": operation, "query": text}).body["id"]
    got = desk.get(f"jobs/query/{job}/results")
    assert got.status == 200, got.body
    return list(csv.reader(StringIO(got.body)))


def test_an_insert_from_its_making_to_its_results(office: Office) -> None:
    got = office.ann.send("POST", "jobs/ingest", {"object": "contact", "operation": "insert"})
    job = got.body["id"]
    assert got.body == {
        "id": job,
        "operation": "insert",
        "object": "Contact",
        "createdById": got.body["createdById"],
        "createdDate": got.body["systemModstamp"],
        "systemModstamp": got.body["systemModstamp"],
        "state": "Open",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": 68.0,
        "contentUrl": f"services/data/v68.0/jobs/ingest/{job}/batches",
        "lineEnding": "LF",
        "columnDelimiter": "COMMA",
    }
    assert (job[:3], len(job)) == ("750", 18)
    text = 'LastName,FirstName,Description\n"O""Neil, Jr.",Åse,"two\nlines"\nBerg,,\n,Nobody,\n'
    assert upload(office.ann, job, text).status == 201
    office.ann.send("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    done = job_of(office.ann, job)
    assert (done["state"], done["jobType"]) == ("JobComplete", "V2Ingest")
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (3, 1)
    good = rows_of(office.ann, job, "successfulResults/")
    assert good[0] == ["sf__Id", "sf__Created", "LastName", "FirstName", "Description"]
    assert [line[1:] for line in good[1:]] == [
        ["true", 'O"Neil, Jr.', "Åse", "two\nlines"],
        ["true", "Berg", "", ""],
    ]
    bad = rows_of(office.ann, job, "failedResults")
    error = "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert bad == [["sf__Id", "sf__Error", "LastName", "FirstName", "Description"], ["", error, "", "Nobody", ""]]
    assert rows_of(office.ann, job, "unprocessedrecords") == [["LastName", "FirstName", "Description"]]
    row = office.ann.row(good[1][0])
    assert (row["LastName"], row["Description"]) == ('O"Neil, Jr.', "two\nlines")
    assert office.bob.get(f"sobjects/Contact/{row['Id']}").status == 404


def test_updates_clear_with_na_and_leave_what_is_empty(office: Office) -> None:
    kept = office.ann.create(Title="CTO", Department="IT", Birthdate="1980-02-29")
    job = ingest(office.ann, f"Id,Title,Department,Birthdate\n{kept[:15]},#N/A,,1981-03-01\n", "update")
    assert rows_of(office.ann, job, "SUCCESSFULRESULTS")[1][:2] == [kept, "false"]
    row = office.ann.row(kept)
    assert (row["Title"], row["Department"], row["Birthdate"]) == (None, "IT", "1981-03-01")


def test_types_of_cells(office: Office) -> None:
    job = ingest(
        office.ann,
        "LastName,MailingLatitude,Birthdate,Email\nA,59.5,,a@acme.example\nB,north,,\nC,,29.02.1980,\nD,,,nonsense\n",
    )
    good, bad = rows_of(office.ann, job, "successfulResults"), rows_of(office.ann, job, "failedResults")
    assert office.ann.row(good[1][0])["MailingLatitude"] == 59.5
    assert [line[1].partition(":")[0] for line in bad[1:]] == [
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "INVALID_EMAIL_ADDRESS",
    ]


def test_upsert_by_an_external_id() -> None:
    office = open_office(KEYED)
    for title, created in [("first", "true"), ("second", "false")]:
        job = ingest(office.ann, f"Key__c,LastName,Title\nk1,Berg,{title}\n", "upsert", externalIdFieldName="key__c")
        assert job_of(office.ann, job)["externalIdFieldName"] == "Key__c"
        line = rows_of(office.ann, job, "successfulResults")[1]
        assert line[1] == created
        assert office.ann.row(line[0])["Title"] == title
    for email in ("twice@acme.example", "twice@acme.example"):
        office.ann.create(Email=email)
    job = ingest(office.ann, "Email,LastName\ntwice@acme.example,x\n,y\n", "upsert", externalIdFieldName="Email")
    errors = [line[1] for line in rows_of(office.ann, job, "failedResults")[1:]]
    assert [error.partition(":")[0] for error in errors] == ["DUPLICATE_EXTERNAL_ID", "MISSING_ARGUMENT"]
    assert errors[0].endswith(":--")


def test_upsert_by_id(office: Office) -> None:
    kept = office.ann.create()
    job = ingest(office.ann, f"Id,LastName\n{kept},Changed\n,New\n", "upsert", externalIdFieldName="Id")
    assert [line[1] for line in rows_of(office.ann, job, "successfulResults")[1:]] == ["false", "true"]
    assert office.ann.row(kept)["LastName"] == "Changed"


def test_lookups_may_be_named_by_an_external_id(office: Office) -> None:
    office = open_office(
        {"custom_fields": {"Account": [{"name": "Key__c", "externalId": True}]}, "records": {"Account": [ACCOUNT]}}
    )
    job = ingest(office.ann, "LastName,Account.Key__c\nBerg,A-1\nDahl,A-2\n")
    made = rows_of(office.ann, job, "successfulResults")[1][0]
    assert office.ann.query("SELECT Account.Name FROM Contact")[0]["Account"]["Name"] == "Globex"
    assert made.startswith("003")
    error = rows_of(office.ann, job, "failedResults")[1][1]
    assert error == "INVALID_FIELD:Foreign key external ID: A-2 not found for field Key__c in entity Account:--"


ACCOUNT = {"Name": "Globex", "OwnerId": "ann", "Key__c": "A-1"}


def test_deletes_and_hard_deletes(office: Office) -> None:
    soft, hard, others = office.ann.create(), office.ann.create(), office.bob.create()
    job = ingest(office.ann, f"Id\n{soft}\n{others}\n003000000000000\n", "delete")
    assert [line[0] for line in rows_of(office.ann, job, "successfulResults")[1:]] == [soft]
    assert len(rows_of(office.ann, job, "failedResults")) == 3
    refused = office.ann.send("POST", "jobs/ingest", {"object": "Contact", "operation": "hardDelete"})
    assert refusal(refused) == (400, "FEATURENOTENABLED")
    job = ingest(office.admin, f"Id\n{hard}\n", "hardDelete")
    assert job_of(office.admin, job)["numberRecordsFailed"] == 0
    found = office.ann.query("SELECT Id FROM Contact", "queryAll")
    assert [record["Id"] for record in found] == [soft]


def test_sharing_and_rules_hold_row_by_row(office: Office) -> None:
    theirs = office.bob.create()
    job = ingest(office.ann, f"Id,Title\n{theirs},x\n", "update")
    assert rows_of(office.ann, job, "failedResults")[1][1].startswith("INVALID_CROSS_REFERENCE_KEY:")
    office.bob.act("share", record=theirs, user="ann")
    job = ingest(office.ann, f"Id,Title\n{theirs},x\n", "update")
    assert rows_of(office.ann, job, "failedResults")[1][1].startswith("INSUFFICIENT_ACCESS_OR_READONLY:")
    office.admin.act("validation_rule", object="Contact", field="Phone", pattern="^0", message="No zeros, please")
    office.admin.act("duplicate_rule", object="Contact", field="Email", action="block")
    job = ingest(office.ann, "LastName,Phone,Email\na,0123,\nb,,x@acme.example\nc,,x@acme.example\nd,,\n")
    assert len(rows_of(office.ann, job, "successfulResults")) == 3
    errors = [line[1] for line in rows_of(office.ann, job, "failedResults")[1:]]
    assert errors[0].startswith("FIELD_CUSTOM_VALIDATION_EXCEPTION:No zeros, please:")
    assert errors[1].startswith("DUPLICATES_DETECTED:")


def test_a_hidden_field_is_no_field(office: Office) -> None:
    office.admin.act("field_security", object="Contact", field="Title", user="ann", read=False, edit=False)
    job = ingest(office.ann, "LastName,Title\na,b\n")
    assert job_of(office.ann, job)["errorMessage"] == "InvalidBatch : Field name not found : Title"
    got = office.ann.send("POST", "jobs/query", {"operation": "query", "query": "SELECT Title FROM Contact"})
    assert refusal(got) == (400, "API_ERROR")


@pytest.mark.parametrize(
    ("operation", "text", "message"),
    [
        ("insert", "LastName,Nope\na,b\n", "InvalidBatch : Field name not found : Nope"),
        ("insert", "\ufeffLastName\na\n", "InvalidBatch : Field name not found : \ufeffLastName"),
        ("insert", "LastName,lastname\na,b\n", "InvalidBatch : Duplicate field name : LastName"),
        ("insert", "LastName,Account.Nope\na,b\n", "InvalidBatch : Field name not found : Account.Nope"),
        ("insert", "LastName,Nope.Id\na,b\n", "InvalidBatch : Field name not found : Nope.Id"),
        ("insert", "LastName,Title\na\n", "InvalidBatch : Row 2 has 1 columns, the header has 2"),
        ("insert", 'LastName\n"a\n', "InvalidBatch : Failed to parse CSV: unexpected end of data"),
        ("insert", "LastName\r\na\r\n", "ClientInputError : LineEnding is invalid on user data. Current LineEnding"),
        ("delete", "Id,LastName\nx,y\n", "InvalidBatch : The 'delete' batch must contain only ids"),
        ("update", "LastName\na\n", "InvalidBatch : Field name not found : Id"),
    ],
)
def test_data_that_fails_the_whole_job(office: Office, operation: str, text: str, message: str) -> None:
    job = ingest(office.ann, text, operation)
    done = job_of(office.ann, job)
    assert (done["state"], done["numberRecordsProcessed"]) == ("Failed", 0)
    assert done["errorMessage"].startswith(message)
    assert len(rows_of(office.ann, job, "successfulResults")) == 1
    assert office.admin.query("SELECT Id FROM Contact") == []


def test_rows_that_were_not_reached_are_given_back(office: Office) -> None:
    job = ingest(office.ann, "LastName,Nope\na,b\nc,d\n")
    assert rows_of(office.ann, job, "unprocessedRecords") == [["LastName", "Nope"], ["a", "b"], ["c", "d"]]
    job = start(office.ann)
    upload(office.ann, job, "LastName\na\n")
    assert office.ann.send("PATCH", f"jobs/ingest/{job}", {"state": "Aborted"}).body["state"] == "Aborted"
    assert rows_of(office.ann, job, "unprocessedRecords") == [["LastName"], ["a"]]
    assert office.ann.query("SELECT Id FROM Contact") == []


@pytest.mark.parametrize(("name", "mark"), [("TAB", "\t"), ("SEMICOLON", ";"), ("PIPE", "|"), ("CARET", "^")])
def test_other_delimiters_and_line_endings(office: Office, name: str, mark: str) -> None:
    text = f"LastName{mark}Title\r\na{mark}b\r\n"
    job = ingest(office.ann, text, columnDelimiter=name, lineEnding="CRLF")
    got = office.ann.get(f"jobs/ingest/{job}/successfulResults").body
    assert got.splitlines(keepends=True)[1].endswith(f'"true"{mark}"a"{mark}"b"\r\n')


def test_text_that_is_not_utf_8() -> None:
    with pytest.raises(BatchError, match="not valid UTF-8"):
        parse_sheet(b"LastName\n\xff\n", "COMMA", "LF")
    with pytest.raises(BatchError, match="Field name not found"):
        parse_sheet(b"\n", "COMMA", "LF")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"operation": "insert"}, 400, "INVALIDENTITY"),
        ({"operation": "insert", "object": "Nothing"}, 400, "INVALIDENTITY"),
        ({"operation": "insert", "object": "User"}, 400, "INVALIDENTITY"),
        ({"object": "Contact"}, 400, "INVALIDJOB"),
        ({"operation": "query", "object": "Contact"}, 400, "INVALIDJOB"),
        ({"operation": "insert", "object": "Contact", "contentType": "XML"}, 400, "INVALIDJOB"),
        ({"operation": "insert", "object": "Contact", "columnDelimiter": "SPACE"}, 400, "INVALIDJOB"),
        ({"operation": "insert", "object": "Contact", "lineEnding": "CR"}, 400, "INVALIDJOB"),
        ({"operation": "insert", "object": "Contact", "externalIdFieldName": "Email"}, 400, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Contact"}, 400, "INVALIDJOB"),
        ({"operation": "upsert", "object": "Contact", "externalIdFieldName": "Title"}, 400, "INVALIDJOB"),
        ({"operation": "insert", "object": "Contact", "color": "red"}, 400, "JSON_PARSER_ERROR"),
    ],
)
def test_jobs_that_cannot_be(office: Office, body: dict[str, Any], status: int, code: str) -> None:
    assert refusal(office.ann.send("POST", "jobs/ingest", body)) == (status, code)


def test_the_order_of_a_jobs_steps_is_kept(office: Office) -> None:
    job = start(office.ann)

    def close(state: str = "UploadComplete") -> Got:
        return office.ann.send("PATCH", f"jobs/ingest/{job}", {"state": state})

    assert refusal(close()) == (400, "INVALIDJOBSTATE")
    assert refusal(upload(office.ann, job, "LastName\na\n", "application/json")) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert refusal(upload(office.ann, job, "")) == (400, "INVALIDJOB")
    assert upload(office.ann, job, "LastName\na\n").status == 201
    again = upload(office.ann, job, "LastName\nb\n")
    assert refusal(again) == (400, "INVALIDJOB")
    assert again.body[0]["message"].startswith("Found multiple contents for job")
    assert refusal(office.ann.get(f"jobs/ingest/{job}/failedResults")) == (400, "INVALIDJOBSTATE")
    assert refusal(office.ann.send("DELETE", f"jobs/ingest/{job}")) == (400, "INVALIDJOBSTATE")
    for state in ("InProgress", "JobComplete", "Open", "Bogus"):
        assert refusal(close(state)) == (400, "INVALIDJOBSTATE")
    assert close().status == 200
    assert refusal(close()) == (400, "INVALIDJOBSTATE")
    late = close("Aborted")
    assert (refusal(late), late.body[0]["message"]) == (
        (400, "INVALIDJOBSTATE"),
        "Aborting already Completed Job not allowed",
    )
    assert refusal(upload(office.ann, job, "LastName\na\n")) == (400, "INVALIDJOBSTATE")
    assert refusal(office.ann.get(f"jobs/ingest/{job}/otherResults")) == (404, "NOT_FOUND")
    assert office.ann.send("DELETE", f"jobs/ingest/{job}").status == 204
    assert refusal(office.ann.get(f"jobs/ingest/{job}")) == (404, "NOT_FOUND")


def test_a_slow_organisation_takes_its_time() -> None:
    office = open_office({"organisation": {"bulk_seconds": 60}})
    job, stopped = ingest(office.ann, "LastName\na\n"), ingest(office.ann, "LastName\nb\n")
    query = office.ann.send("POST", "jobs/query", {"operation": "query", "query": "SELECT LastName FROM Contact"})
    for seconds, state, names in [(0, "UploadComplete", []), (31, "InProgress", []), (30, "JobComplete", ["a"])]:
        office.clock.advance(seconds)
        assert office.ann.names("SELECT Name FROM Contact") == names
        assert job_of(office.ann, job)["state"] == state
        assert job_of(office.ann, query.body["id"], "query")["state"] == state
        if state == "InProgress":
            got = office.ann.get(f"jobs/query/{query.body['id']}/results")
            assert refusal(got) == (400, "INVALIDJOBSTATE")
            assert office.ann.send("PATCH", f"jobs/ingest/{stopped}", {"state": "Aborted"}).status == 200
    assert job_of(office.ann, stopped)["state"] == "Aborted"
    assert office.ann.get(f"jobs/query/{query.body['id']}/results").body == '"LastName"\n"a"\n'


def test_who_is_deactivated_meanwhile_has_no_jobs_done() -> None:
    office = open_office({"organisation": {"bulk_seconds": 60}})
    job = ingest(office.ann, "LastName\na\n")
    office.admin.act("deactivate", user="ann")
    office.clock.advance(61)
    assert job_of(office.admin, job)["state"] == "Failed"
    assert office.admin.query("SELECT Id FROM Contact") == []


def test_jobs_are_their_users_and_last_for_seven_days(office: Office) -> None:
    job = ingest(office.ann, "LastName\na\n")
    assert refusal(office.bob.get(f"jobs/ingest/{job}")) == (404, "NOT_FOUND")
    assert refusal(office.ann.get(f"jobs/query/{job}")) == (404, "NOT_FOUND")
    assert job_of(office.admin, job[:15])["id"] == job
    listed = office.ann.get("jobs/ingest").body
    assert ([one["id"] for one in listed["records"]], listed["done"]) == ([job], True)
    assert office.bob.get("jobs/ingest").body["records"] == []
    assert office.ann.get("jobs/ingest", jobType="BigObjectIngest").body["records"] == []
    office.clock.advance(7 * 86400 + 60)
    assert refusal(office.ann.get(f"jobs/ingest/{job}")) == (404, "NOT_FOUND")


def test_a_query_comes_in_pages(office: Office) -> None:
    for number in range(5):
        office.ann.create(LastName=f"n{number}", Title='say "hi"' if number == 4 else None)
    text = (
        "SELECT c.LastName, Title, account.name, CreatedDate, IsDeleted, MailingLatitude FROM Contact c ORDER BY Name"
    )
    made = office.ann.send("POST", "jobs/query", {"operation": "query", "query": text}).body
    assert (made["state"], made["object"], made["operation"]) == ("UploadComplete", "Contact", "query")
    job = job_of(office.ann, made["id"], "query")
    assert (job["state"], job["numberRecordsProcessed"], job["jobType"]) == ("JobComplete", 5, "V2Query")
    pages: list[list[list[str]]] = []
    locator = ""
    while locator != "null":
        more = {"locator": locator} if locator else {}
        got = office.ann.get(f"jobs/query/{made['id']}/results", maxRecords="2", **more)
        locator = got.headers["Sforce-Locator"]
        pages.append(list(csv.reader(StringIO(got.body))))
        assert int(got.headers["Sforce-NumberOfRecords"]) == len(pages[-1]) - 1
    assert [len(page) for page in pages] == [3, 3, 2]
    header = ["LastName", "Title", "Account.Name", "CreatedDate", "IsDeleted", "MailingLatitude"]
    assert all(page[0] == header for page in pages)
    last = pages[-1][1]
    assert (last[:3], last[4:]) == (["n4", 'say "hi"', ""], ["false", ""])
    assert last[3].endswith(".000Z")
    for wrong in ({"locator": "?"}, {"locator": "OTk5"}, {"locator": "LTE"}, {"maxRecords": "0"}):
        assert refusal(office.ann.get(f"jobs/query/{made['id']}/results", **wrong)) == (400, "API_ERROR")


def test_query_all_has_the_recycle_bin_and_nobody_sees_what_is_not_theirs(office: Office) -> None:
    kept, gone = office.ann.create(LastName="a"), office.ann.create(LastName="b")
    office.ann.send("DELETE", f"sobjects/Contact/{gone}")
    text = "SELECT Id FROM Contact ORDER BY LastName"
    assert extract(office.ann, text) == [["Id"], [kept]]
    assert extract(office.ann, text, "queryAll") == [["Id"], [kept], [gone]]
    assert extract(office.bob, text, "queryAll") == [["Id"]]
    assert extract(office.admin, text) == [["Id"], [kept]]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("SELECT MailingAddress FROM Contact", "API_ERROR", "Selecting compound data not supported in Bulk Query"),
        ("SELECT COUNT() FROM Contact", "API_ERROR", "Aggregate functions"),
        ("SELECT COUNT(Id) FROM Contact", "API_ERROR", "Aggregate functions"),
        ("SELECT Title FROM Contact GROUP BY Title", "API_ERROR", "Aggregate functions"),
        ("SELECT Id FROM Contact LIMIT 1 OFFSET 1", "API_ERROR", "OFFSET not supported"),
        ("SELECT FIELDS(ALL) FROM Contact LIMIT 2", "API_ERROR", "Nested queries, TYPEOF and FIELDS()"),
        ("SELECT Id FROM ListView", "INVALIDENTITY", "Entity 'ListView' is not supported by the Bulk API."),
        ("SELECT Nope FROM Contact", "API_ERROR", None),
        ("SELECT Id FROM Nothing", "API_ERROR", None),
        ("SELECT", "API_ERROR", None),
        ("", "API_ERROR", None),
    ],
)
def test_queries_that_cannot_be(office: Office, text: str, code: str, message: str | None) -> None:
    got = office.ann.send("POST", "jobs/query", {"operation": "query", "query": text})
    assert refusal(got) == (400, code)
    assert message is None or got.body[0]["message"].startswith(message)
    assert office.ann.get("jobs/query").body["records"] == []


def test_the_daily_limits_of_jobs(office: Office) -> None:
    assert office.ann.get("limits").body["DailyBulkV2QueryJobs"] == {"Max": 10000, "Remaining": 10000}
    extract(office.ann, "SELECT Id FROM Contact")
    ingest(office.ann, "LastName\na\n")
    limits = office.ann.get("limits").body
    assert limits["DailyBulkV2QueryJobs"]["Remaining"] == 9999
    assert limits["DailyBulkApiBatches"] == {"Max": 15000, "Remaining": 14999}
    assert limits["DailyApiRequests"]["Remaining"] == 15000 - 7
    office.clock.advance(86400)
    assert office.ann.get("limits").body["DailyBulkV2QueryJobs"]["Remaining"] == 10000


def test_no_part_of_a_composite(office: Office) -> None:
    part = {"method": "POST", "url": f"{BASE}jobs/ingest", "referenceId": "a", "body": {"operation": "insert"}}
    assert office.ann.composite(part)[0]["httpStatusCode"] == 400


def test_locked_rows(office: Office) -> None:
    job = start(office.ann)
    upload(office.ann, job, "LastName\na\n")
    headers = {"authorization": "Bearer sandbox-ann", "content-type": "application/json"}
    close = Request("PATCH", f"{BASE}jobs/ingest/{job}", "", headers, b'{"state":"UploadComplete"}')
    assert office.vendor.fault("lock", close, {}) is not None
    assert rows_of(office.ann, job, "failedResults")[1][1].startswith("UNABLE_TO_LOCK_ROW:")


@pytest.mark.parametrize(
    ("method", "path", "body", "operation", "actions"),
    [
        ("POST", "jobs/ingest", b'{"operation":"upsert"}', "jobs/ingest", ("create", "update")),
        ("POST", "jobs/ingest/", b'{"operation":"hardDelete"}', "jobs/ingest", ("delete",)),
        ("POST", "jobs/ingest", b"[", "jobs/ingest", ("other",)),
        ("PUT", "jobs/ingest/750/batches", b"Id\n", "jobs/ingest", ("other",)),
        ("GET", "jobs/ingest/750", b"", "jobs/ingest", ("read",)),
        ("POST", "jobs/query", b"{}", "jobs/query", ("read",)),
        ("GET", "jobs/query/750/results", b"", "jobs/query", ("read",)),
    ],
)
def test_calls(office: Office, method: str, path: str, body: bytes, operation: str, actions: tuple[str, ...]) -> None:
    call = office.vendor.classify(Request(method, f"{BASE}{path}", "", {}, body))
    assert (call.operation, call.actions) == (operation, actions)
