"""Presets: their layers, their TOML, and everything that can be wrong in it, named at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.core.policy import AutoRemoval, Direction, Winner
from mailsync.core.refs import FieldName
from mailsync.errors import SettingsError
from mailsync.ports.presets import Book, Mode, Preset, fixed_by
from mailsync.settings import resolve
from mailsync.settings.book import lint, read_book, write_book

USERS = ("ann", "bob", "cem")
TEXT = """
[groups]
sales = ["ann", "bob"]

[presets.standard]
about = "a better default"
groups = ["sales"]
settings = { view = "all", guard = { count = 20 }, "conflict.Title" = "mailbox" }

[presets.house]
mode = "override"
everybody = true
settings = { auto_removal = "not-allowed" }

[presets.ann]
users = ["ann"]
settings = { view = "mine", direction = "up" }
"""


def test_presets_are_read_in_their_order_with_settings_in_one_form() -> None:
    book = read_book(TEXT, USERS)
    assert [p.name for p in book.presets] == ["standard", "house", "ann"]
    standard, house, _ = book.presets
    assert standard.settings == {"view": "all", "guard.count": "20", "conflict.Title": "mailbox"}
    assert (standard.mode, house.mode, house.everybody) == (Mode.PRESERVE, Mode.OVERRIDE, True)
    assert [p.name for p in book.of("ann")] == ["standard", "house", "ann"]
    assert [p.name for p in book.of("bob")] == ["standard", "house"]
    assert [p.name for p in book.of("cem")] == ["house"]


def test_a_preset_that_preserves_gives_way_to_what_is_set_and_one_that_overrides_does_not() -> None:
    presets = read_book(TEXT, USERS).of("ann")
    settings, origins = resolve({"view": "mine", "interval": "1h"}, {}, {}, presets)
    assert (settings.view, settings.direction, settings.guard_count) == ("mine", Direction.UP, 20)
    assert (origins["view"], origins["guard.count"], origins["interval"]) == ("preset ann", "preset standard", "file")
    assert settings.winners == {FieldName("Title"): Winner.MAILBOX}
    settings, origins = resolve({}, {"view": "all"}, {"direction": "down", "auto_removal": "allowed"}, presets)
    assert (settings.view, origins["view"]) == ("all", "file")
    assert (settings.direction, origins["direction"]) == (Direction.DOWN, "set")
    assert (settings.auto_removal, origins["auto_removal"]) == (AutoRemoval.NOT_ALLOWED, "preset house")
    assert fixed_by(presets) == {"auto_removal": "house"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[presets.x]\nsettings = {}", "presets.x.settings: give at least one setting"),
        ("[presets.x]", "presets.x.settings: give at least one setting"),
        ('[presets.x]\nsettings = { veiw = "all" }', "did you mean view?"),
        (
            '[presets.x]\nsettings = { direction = "sideways" }',
            "presets.x.settings.direction: 'sideways' is not allowed",
        ),
        ('[presets.x]\nmode = "force"\nsettings = { view = "all" }', "presets.x.mode: give preserve or override"),
        ('[presets.x]\nusers = ["anne"]\nsettings = { view = "all" }', "there is no user anne; did you mean ann?"),
        ('[presets.x]\ngroups = ["sale"]\nsettings = { view = "all" }', "presets.x.groups: there is no group sale"),
        ('[presets.x]\nuser = ["ann"]\nsettings = { view = "all" }', "did you mean users?"),
        ('[presets.x]\nusers = "ann"\nsettings = { view = "all" }', "presets.x.users: give a list of users"),
        ('[presets.x]\neverybody = "yes"\nsettings = { view = "all" }', "presets.x.everybody: give true or false"),
        ('[presets.x]\nabout = 3\nsettings = { view = "all" }', "presets.x.about: give a text"),
        ('[presets."a b"]\nsettings = { view = "all" }', "a name has letters"),
        ('[groups]\nsales = ["zoe"]', "groups.sales: there is no user zoe"),
        ("[group]\nsales = []", "group: there is no such table"),
        ("presets = 3", "write groups and presets as tables"),
        ("[presets]\nx = 3", "presets.x: write it as a table"),
        ("[presets.x", "this is no TOML"),
    ],
)
def test_each_problem_is_named_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_book(text, USERS)
    assert problem in "\n".join(caught.value.problems)


def test_every_problem_is_named_at_once() -> None:
    text = '[groups]\nsales = ["zoe"]\n[presets.x]\nmode = "force"\nusers = ["anne"]\nsettings = { veiw = "all" }'
    with pytest.raises(SettingsError) as caught:
        read_book(text, USERS)
    assert len(caught.value.problems) == 4


def test_what_can_be_used_but_is_odd_is_noted() -> None:
    text = TEXT + '[presets.nobody]\nsettings = { interval = "1h" }\n'
    notes = lint(read_book(text, USERS), USERS)
    assert notes == ["presets.nobody: assigned to nobody", "view: ann wins over standard where both are assigned"]


NAMES = st.sampled_from(["a", "B-2", "sales", "house_rules", "0"])
WORDS = st.text("aß€=#[]'\n", min_size=1, max_size=9)


@st.composite
def books(draw: st.DrawFn) -> Book:
    groups = draw(st.dictionaries(NAMES, st.lists(st.sampled_from(USERS), unique=True).map(tuple), max_size=3))
    some_groups = st.lists(st.sampled_from(sorted(groups)), unique=True) if groups else st.just([])
    values = {
        "view": "all",
        "interval": "1h",
        "block": "x.example",
        "default.LeadSource": draw(WORDS),
    }
    values["default.LeadSource"] = values["default.LeadSource"].strip() or "x"
    presets = tuple(
        Preset(
            name,
            draw(st.sampled_from(Mode)),
            {key: values[key] for key in draw(st.lists(st.sampled_from(sorted(values)), min_size=1, unique=True))},
            tuple(draw(st.lists(st.sampled_from(USERS), unique=True))),
            tuple(draw(some_groups)),
            everybody=draw(st.booleans()),
            about=draw(WORDS),
        )
        for name in draw(st.lists(NAMES, max_size=3, unique=True))
    )
    return Book(presets, groups)


@given(books())
def test_what_is_written_reads_back(book: Book) -> None:
    assert read_book(write_book(book), USERS) == book
