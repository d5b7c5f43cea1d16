"""The keys of a user's settings: read, written back, resolved, and refused in words."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.core.person import Flow
from mailsync.core.policy import (
    AutoRemoval,
    CompanyChange,
    Direction,
    LastNameFallback,
    OnLeaveScope,
    Several,
    Winner,
)
from mailsync.errors import SettingsError
from mailsync.settings import KEYS, MailboxKind, UserSettings, parse_changes, resolve, show

CONTRACT = {
    "contacts": ("on", "off"),
    "direction": ("both", "up", "down"),
    "view": ("mine", "all", "view:00B000000000001AAA", "view:My_View", "view:Kunden in Köln"),
    "auto_removal": ("not-allowed", "allowed"),
    "conflict": ("salesforce", "mailbox", "ask"),
    "on_leave_scope": ("remove", "freeze", "keep"),
    "min_substring": ("1", "3"),
    "account": ("none", "001000000000001AAA"),
    "auto_create_account": ("off", "on"),
    "company_change": ("suggest", "relink", "ignore"),
    "several": ("hold", "most_recent", "oldest"),
    "last_name_fallback": ("issue", "given", "file_as", "company"),
    "hold_shared_deletions": ("off", "on"),
    "block": ("none", "a@b.example,c.example"),
    "region": ("US", "DE"),
    "guard.count": ("10", "0"),
    "guard.percent": ("10", "100"),
    "interval": ("30m", "2h", "1d", "90s"),
    "budget.calls": ("1000", "0"),
    "budget.percent": ("10", "0"),
    "history_days": ("90", "1"),
    "tombstone_days": ("30", "365"),
    "strip_company_suffix": ("off", "on"),
    "description": ("off", "both", "up", "down"),
    "mailbox": ("file", "exchange", "google", "microsoft"),
}
"""The first of each is the default (contract.md)."""


def test_the_contracts_keys_are_all_there_and_no_others() -> None:
    families = {"conflict.FIELD", "default.FIELD", "required.FIELD"}
    assert {k.name for k in KEYS} == set(CONTRACT) | families
    assert len({k.field for k in KEYS}) == len(KEYS)
    assert all(k.about and k.rule and k.kind.allowed for k in KEYS)


def test_the_defaults_are_the_contracts() -> None:
    settings, origins = resolve({}, {}, {})
    assert settings == UserSettings(
        contacts=True,
        direction=Direction.BOTH,
        view="mine",
        auto_removal=AutoRemoval.NOT_ALLOWED,
        winner=Winner.SALESFORCE,
        winners={},
        on_leave_scope=OnLeaveScope.REMOVE,
        min_substring=1,
        fixed_account=None,
        auto_create_account=False,
        company_change=CompanyChange.SUGGEST,
        several=Several.HOLD,
        last_name_fallback=LastNameFallback.ISSUE,
        hold_shared_deletions=False,
        block=frozenset(),
        defaults={},
        required=frozenset(),
        region="US",
        guard_count=10,
        guard_percent=10,
        interval=timedelta(minutes=30),
        budget_calls=1000,
        budget_percent=10,
        history_days=90,
        tombstone_days=30,
        strip_company_suffix=False,
        description=Flow.OFF,
        mailbox=MailboxKind.FILE,
    )
    assert set(origins.values()) == {"default"}
    assert {s.key: s.value for s in show(settings, origins)} == {name: v[0] for name, v in CONTRACT.items()}


@pytest.mark.parametrize(("name", "text"), [(n, v) for n, values in CONTRACT.items() for v in values])
def test_every_value_is_shown_as_it_was_given(name: str, text: str) -> None:
    settings, origins = resolve({}, {}, {name: text})
    shown = {s.key: (s.value, s.origin) for s in show(settings, origins)}
    assert shown[name] == (text, "set")
    assert parse_changes([f" {name} = {text} "]) == {name: text}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("block=@ACME.example, Ann@B.example ,ann@b.EXAMPLE", "acme.example,ann@b.example"),
        ("account=001000000000001", "001000000000001AAA"),
        ("interval=1h30m", "90m"),
        ("interval=120m", "2h"),
        ("region=de", "DE"),
        ("view=view: My_View", "view:My_View"),
        ("guard.count=007", "7"),
        ("default.LeadSource=Web=Site", "Web=Site"),
        ("required.Email=off", "off"),
        ("conflict.MyField__c=ask", "ask"),
    ],
)
def test_values_are_kept_in_one_form(given: str, kept: str) -> None:
    name = given.partition("=")[0]
    assert parse_changes([given]) == {name: kept}
    assert parse_changes([f"{name}={kept}"]) == {name: kept}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("contacts", "yes"),
        ("contacts", "On"),
        ("direction", "sideways"),
        ("view", "view:"),
        ("view", "theirs"),
        ("conflict", "outlook"),
        ("conflict.Title", "me"),
        ("min_substring", "0"),
        ("min_substring", "256"),
        ("min_substring", "-1"),
        ("min_substring", "1.5"),
        ("min_substring", "٣"),
        ("account", "003000000000001AAA"),
        ("account", "001"),
        ("block", "a@b@c.example"),
        ("block", "acme"),
        ("block", "a b@acme.example"),
        ("block", "acme.example,,b.example"),
        ("region", "XX"),
        ("region", "USA"),
        ("guard.percent", "101"),
        ("interval", "30"),
        ("interval", "59s"),
        ("interval", "8d"),
        ("interval", "1h junk"),
        ("interval", "99999999999d"),
        ("history_days", "0"),
        ("required.Email", "maybe"),
    ],
)
def test_a_wrong_value_names_the_key_and_what_it_takes(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_changes([f"{name}={text}"])
    (problem,) = caught.value.problems
    assert problem.startswith(f"{name}: {text!r} is not allowed; give ")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("directoin", "did you mean direction?"),
        ("guard_count", "did you mean guard.count?"),
        ("conflict.FIELD", "did you mean conflict.FIELD?"),
        ("conflict.1st", "there is no such key"),
        ("default.", "there is no such key"),
        ("xyzzy", "there are: contacts, direction"),
    ],
)
def test_an_unknown_key_comes_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_changes([f"{name}=x"])
    assert hint in caught.value.problems[0]
    with pytest.raises(SettingsError):
        parse_changes([f"{name}="])


def test_every_wrong_assignment_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_changes(["direction=up", "interval=never", "nokey=1", "word"])
    assert [p.partition(":")[0] for p in caught.value.problems] == ["interval", "nokey", "word"]


def test_nothing_after_the_sign_goes_back_to_the_file() -> None:
    assert parse_changes(["view=", "default.LeadSource= "]) == {"view": None, "default.LeadSource": None}


def test_what_is_set_wins_over_the_file_and_that_over_its_defaults() -> None:
    settings, origins = resolve(
        {"direction": "up", "view": "all", "conflict.Title": "mailbox", "required.Email": "on", "region": "DE"},
        {"view": "mine", "default.LeadSource": "Mailbox", "required.Phone": "on"},
        {"direction": "down", "conflict.Phone": "ask", "required.Email": "off"},
    )
    assert (settings.direction, settings.view, settings.region) == (Direction.DOWN, "mine", "DE")
    assert settings.winners == {"Title": Winner.MAILBOX, "Phone": Winner.ASK}
    assert settings.required == {"Phone"}
    assert settings.defaults == {"LeadSource": "Mailbox"}
    assert [(s.key, s.value, s.origin) for s in show(settings, origins) if s.origin != "default"] == [
        ("direction", "down", "set"),
        ("view", "mine", "file"),
        ("conflict.Phone", "ask", "set"),
        ("conflict.Title", "mailbox", "file"),
        ("default.LeadSource", "Mailbox", "file"),
        ("required.Email", "off", "set"),
        ("required.Phone", "on", "file"),
        ("region", "DE", "file"),
    ]


def test_problems_of_all_layers_are_named_with_their_place() -> None:
    with pytest.raises(SettingsError) as caught:
        resolve({"a": "1"}, {"view": "?"}, {"direction": "x"})
    assert [p.partition(" ")[0] for p in caught.value.problems] == ["defaults:", "settings:", "stored:"]


@given(st.sampled_from([k.name.replace("FIELD", "Title") for k in KEYS]), st.text(max_size=30))
def test_any_text_is_either_kept_or_refused_in_words(name: str, text: str) -> None:
    try:
        kept: dict[str, str | None] = parse_changes([f"{name}={text}"])
        named = list(kept)
    except SettingsError as error:
        kept, named = {name: None}, [p.partition(":")[0] for p in error.problems]
    assert named == [name]
    if kept[name] is not None:
        assert parse_changes([f"{name}={kept[name]}"]) == kept
        resolve({}, {}, {name: str(kept[name])})
