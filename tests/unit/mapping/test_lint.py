"""What must not be saved as a mapping."""

import pytest

from mailsync.core.person import Flow
from mailsync.core.refs import FieldName
from mailsync.mapping.interpreter import PropertyLimit
from mailsync.mapping.lint import Fault, lint
from mailsync.mapping.table import load, parse

OPEN = {name: PropertyLimit() for name in load().properties("salesforce")}
TWO_PHONES = """
[[field]]
name = "Phone"
type = "phone"
flow = "both"
salesforce = ["Phone"]
mailbox = ["contacts:PhoneNumber:BusinessPhone"]
[[field]]
name = "Second"
type = "phone"
flow = "{flow}"
salesforce = ["{salesforce}"]
mailbox = ["{mailbox}"]
"""


def test_the_packaged_table_is_clean() -> None:
    described = {**OPEN, "LastName": PropertyLimit(80, required=True), "OwnerId": PropertyLimit(18)}
    assert lint(load(), described) == []


def test_an_organisation_without_middle_names_is_no_fault() -> None:
    assert lint(load(), {n: p for n, p in OPEN.items() if n not in ("MiddleName", "Suffix")}) == []


@pytest.mark.rule("E3")
@pytest.mark.parametrize(
    ("salesforce", "mailbox", "target"),
    [
        ("Phone", "contacts:PhoneNumber:Pager", "Phone"),
        ("Pager__c", "contacts:PhoneNumber:BusinessPhone", "contacts:PhoneNumber:BusinessPhone"),
    ],
)
def test_two_fields_on_one_target(salesforce: str, mailbox: str, target: str) -> None:
    table = parse(TWO_PHONES.format(flow="both", salesforce=salesforce, mailbox=mailbox))
    message = f"Phone and Second are both mapped to {target}; turn one of them off"
    assert lint(table, {}) == [Fault("Second", message)]
    assert lint(table.with_flows({FieldName("Second"): Flow.OFF}), {}) == []


@pytest.mark.rule("E3")
def test_a_required_property_needs_a_field_that_goes_up_or_a_default() -> None:
    described = {**OPEN, "Region__c": PropertyLimit(required=True), "LastName": PropertyLimit(80, required=True)}
    table = load().with_flows({FieldName("LastName"): Flow.DOWN})
    assert [f.field for f in lint(table, described)] == ["LastName", "Region__c"]
    assert lint(load(), described, defaults={"Region__c"}) == []


@pytest.mark.rule("E3")
@pytest.mark.parametrize("closed", [PropertyLimit(updateable=False), PropertyLimit(createable=False)])
@pytest.mark.parametrize("flow", [Flow.BOTH, Flow.UP])
def test_a_read_only_target(closed: PropertyLimit, flow: Flow) -> None:
    described = {**OPEN, "Title": closed, "MailingCity": closed}
    table = load().with_flows({FieldName("Title"): flow})
    assert [f.field for f in lint(table, described)] == ["Title", "MailingAddress"]
    assert "MailingCity can't be edited" in lint(table, described)[1].message
    down = {FieldName("Title"): Flow.DOWN, FieldName("MailingAddress"): Flow.OFF}
    assert lint(load().with_flows(down), described) == []


@pytest.mark.rule("E3")
@pytest.mark.parametrize("flow", [Flow.BOTH, Flow.UP])
def test_company_is_fed_from_salesforce_only(flow: Flow) -> None:
    assert [f.field for f in lint(load().with_flows({FieldName("Company"): flow}), OPEN)] == ["Company"]
