"""composite and composite/batch (vendors/salesforce.md §3, §10)."""

from datetime import timedelta

from tests.contract.sandbox_salesforce.desk import Office, http_date, part, refusal, soql


def test_an_idle_session_is_one_call(office: Office) -> None:
    office.ann.create(LastName="Berg")
    start = (office.clock.now() - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%S%%2B00:00")
    end = office.clock.now().strftime("%Y-%m-%dT%H:%M:%S%%2B00:00")
    later = http_date(office.clock.now())
    used = office.ann.get("limits").body["DailyApiRequests"]["Remaining"]
    parts = office.ann.composite(
        part("GET", soql("SELECT Id, Name FROM Contact", "queryAll"), "delta"),
        part("GET", soql("SELECT COUNT() FROM Contact USING SCOPE mine"), "count"),
        part("GET", f"sobjects/Contact/deleted/?start={start}&end={end}", "gone"),
        part("GET", "sobjects/Contact/describe", "desc", httpHeaders={"If-Modified-Since": later}),
        part("GET", "sobjects/Contact/003000000000001AAA", "nothing"),
    )
    assert office.ann.get("limits").body["DailyApiRequests"]["Remaining"] == used - 2
    by_reference = {shown["referenceId"]: shown for shown in parts}
    assert all(set(shown) == {"body", "httpHeaders", "httpStatusCode", "referenceId"} for shown in parts)
    assert by_reference["delta"]["body"]["records"][0]["Name"] == "Berg"
    assert by_reference["count"]["body"] == {"totalSize": 1, "done": True, "records": []}
    assert by_reference["gone"]["body"]["deletedRecords"] == []
    assert (by_reference["desc"]["httpStatusCode"], by_reference["desc"]["body"]) == (304, None)
    assert set(by_reference["desc"]["httpHeaders"]) == {"ETag", "Last-Modified"}
    assert by_reference["nothing"]["httpStatusCode"] == 404
    assert by_reference["nothing"]["body"] == [
        {"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}
    ]


def test_conditional_updates_in_parts(office: Office) -> None:
    record_id = office.ann.create(Title="a")
    stale = http_date(office.clock.now() - timedelta(hours=1))
    fresh = http_date(office.clock.now())
    path = f"sobjects/Contact/{record_id}"
    parts = office.ann.composite(
        part("PATCH", path, "u1", httpHeaders={"If-Unmodified-Since": stale}, body={"Title": "b"}),
        part("PATCH", path, "u2", httpHeaders={"If-Unmodified-Since": fresh}, body={"Title": "c"}),
    )
    assert [(shown["httpStatusCode"], shown["body"]) for shown in parts] == [(412, None), (204, None)]
    assert office.ann.row(record_id)["Title"] == "c"


def test_references(office: Office) -> None:
    parts = office.ann.composite(
        part("POST", "sobjects/Account", "firm", body={"Name": "Acme"}),
        part("POST", "sobjects/Contact", "person", body={"LastName": "Berg", "AccountId": "@{firm.id}"}),
        part("GET", soql("SELECT Id FROM Contact"), "found"),
        part("GET", "sobjects/Contact/@{found.records[0].Id}?fields=AccountId", "row"),
        part("GET", "sobjects/Contact/@{found.records[7].Id}", "missing"),
    )
    assert [shown["httpStatusCode"] for shown in parts] == [201, 201, 200, 200, 400]
    assert parts[3]["body"]["AccountId"] == parts[0]["body"]["id"]
    assert parts[1]["httpHeaders"]["Location"].endswith(parts[1]["body"]["id"])
    assert parts[4]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_all_or_none_takes_everything_back(office: Office) -> None:
    parts = office.ann.composite(
        part("POST", "sobjects/Contact", "good", body={"LastName": "Berg"}),
        part("POST", "sobjects/Contact", "bad", body={}),
        part("POST", "sobjects/Contact", "never", body={"LastName": "Borg"}),
        all_or_none=True,
    )
    codes = [shown["body"][0]["errorCode"] for shown in parts]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert office.ann.query("SELECT Id FROM Contact") == []


def test_what_a_composite_may_not_hold(office: Office) -> None:
    def send(*parts: object) -> tuple[int, str]:
        return refusal(office.ann.send("POST", "composite", {"compositeRequest": list(parts)}))

    read = part("GET", "limits", "a")
    assert send(*({**read, "referenceId": f"r{n}"} for n in range(26))) == (400, "LIMIT_EXCEEDED")
    heavy = [part("GET", soql("SELECT Id FROM Contact"), f"q{n}") for n in range(5)]
    collection = part("POST", "composite/sobjects", "c", body={"records": []})
    assert send(*heavy, collection) == (400, "LIMIT_EXCEEDED")
    assert office.ann.send("POST", "composite", {"compositeRequest": heavy}).status == 200
    assert send(read, read) == (400, "INVALID_INPUT")
    assert send({**read, "referenceId": "a b"}) == (400, "INVALID_INPUT")
    shown = office.ann.composite(
        part("GET", "limits", "auth", httpHeaders={"Authorization": "Bearer sandbox-admin"}),
        part("GET", "query?q=SELECT Id FROM Contact", "raw"),
        part("POST", "composite", "nested", body={}),
        {"method": "GET", "url": "/elsewhere", "referenceId": "out"},
    )
    assert [(one["httpStatusCode"], one["body"][0]["errorCode"]) for one in shown] == [
        (400, "INVALID_INPUT"),
        (400, "INVALID_INPUT"),
        (400, "INVALID_INPUT"),
        (404, "NOT_FOUND"),
    ]


def test_collections_in_parts(office: Office) -> None:
    content = {"records": [{"attributes": {"type": "Contact"}, "LastName": name} for name in "AB"]}
    parts = office.ann.composite(part("POST", "composite/sobjects", "c", body=content))
    assert [result["success"] for result in parts[0]["body"]] == [True, True]


def test_batch_counts_each_part(office: Office) -> None:
    before = office.ann.get("limits").body["DailyApiRequests"]["Remaining"]
    requests = [
        {"method": "GET", "url": "v68.0/limits"},
        {"method": "POST", "url": "v68.0/sobjects/Contact", "richInput": {}},
    ]
    got = office.ann.send("POST", "composite/batch", {"batchRequests": requests})
    assert got.body["hasErrors"] is True
    assert [result["statusCode"] for result in got.body["results"]] == [200, 400]
    assert office.ann.get("limits").body["DailyApiRequests"]["Remaining"] == before - 3
