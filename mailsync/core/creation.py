"""What a create sends: last name, fitted values, Account link, naming (B1, B5, B13, A22)."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailsync.core.account import Candidates, Link, Step, link_any
from mailsync.core.changes import Item
from mailsync.core.fit import fit
from mailsync.core.merge import COMPANY, Problem
from mailsync.core.person import Field, Flow, Limits, Value, Values, is_blank, text
from mailsync.core.policy import LastNameFallback, Policy
from mailsync.core.refs import FieldName

LAST_NAME = FieldName("LastName")


@dataclass(frozen=True, slots=True)
class Fitted:
    """Values as one side accepts them, and what had to be skipped or cut."""

    values: Values
    problems: tuple[Problem, ...]
    cut: tuple[FieldName, ...]


def fit_all(values: Values, limits: Limits, flows: tuple[Flow, ...], policy: Policy) -> Fitted:
    """Fits every filled field that flows one of these ways; refused ones are named as problems."""
    sent: dict[FieldName, Value] = {}
    problems: list[Problem] = []
    cut: list[FieldName] = []
    for f in policy.fields:
        value, limit = values.get(f.name, ""), limits.get(f.name)
        if f.flow not in flows or is_blank(value):
            continue
        if limit is None or not limit.createable:
            problems.append(Problem(f.name, f"{f.name} is read-only or hidden for this user"))
            continue
        fitted = fit(value, f.type, limit, policy.region)
        if fitted.refused:
            problems.append(Problem(f.name, fitted.refused, required=limit.required))
        elif not is_blank(fitted.value):
            sent[f.name] = fitted.value
            cut.extend([f.name] if fitted.cut else [])
    return Fitted(sent, tuple(problems), tuple(cut))


def for_record(item: Item, policy: Policy) -> Fitted:
    """What a new Contact gets from an item. A missing last name or required field is a required problem (B1)."""
    values = {**item.values, LAST_NAME: last_name(item, policy.last_name_fallback)}
    # Company is fed from Salesforce only (E3): B5 is its one effect upwards.
    fitted = fit_all(values, policy.crm_limits, (Flow.BOTH, Flow.UP), policy)
    asked = {*policy.required, *(f.name for f in policy.fields if _is_required(f, policy))} - {LAST_NAME}
    absent = [n for n in (LAST_NAME, *sorted(asked)) if n not in fitted.values]
    absent = [n for n in absent if n not in policy.defaults and not any(p.field == n for p in fitted.problems)]
    missing = tuple(Problem(n, f"{n} is required in Salesforce and empty here", required=True) for n in absent)
    return Fitted(fitted.values, fitted.problems + missing, fitted.cut)


def _is_required(f: Field, policy: Policy) -> bool:
    limit = policy.crm_limits.get(f.name)
    return limit is not None and limit.required and f.flow in (Flow.BOTH, Flow.UP)


def for_item(values: Values, policy: Policy) -> Fitted:
    """What a new mailbox item gets from a record."""
    return fit_all(values, policy.mailbox_limits, (Flow.BOTH, Flow.DOWN), policy)


def last_name(item: Item, fallback: LastNameFallback) -> str:
    """The last name that a create sends, by `last_name_fallback` (B1)."""
    own = text(item.values, "LastName").strip()
    if own:
        return own
    match fallback:
        case LastNameFallback.ISSUE:
            return ""
        case LastNameFallback.GIVEN:
            return text(item.values, "FirstName").strip()
        case LastNameFallback.FILE_AS:
            return item.file_as.strip()
        case LastNameFallback.COMPANY:
            return text(item.values, "Company").strip()


def choose_account(item: Item, accounts: Mapping[str, Candidates], policy: Policy) -> Link:
    """B5 for a new Contact; a fixed Account of the settings goes before."""
    if policy.fixed_account:
        return Link(policy.fixed_account, "", Step.FIXED, "the settings name this Account")
    company = text(item.values, COMPANY)
    strip = policy.strip_company_suffix
    return link_any(company, accounts, min_substring=policy.min_substring, strip=strip)


def is_blocked(item: Item, block: frozenset[str]) -> bool:
    """Whether one of the item's addresses, or its domain, is on a block list (A20)."""
    addresses = [a.strip().casefold() for a in (*item.emails, text(item.values, "Email")) if a.strip()]
    return any(a in block or a.rpartition("@")[2] in block for a in addresses)
