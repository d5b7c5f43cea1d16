"""The bugs: what is written in place of what, and which suites are known to notice."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One place of the program, from the project's root: `right` stands there exactly once, `wrong` takes its place."""

    path: str
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug. `about`: which protection it breaks (measure.md part 2); `what`: what the program then does wrong;
    `noticed`: the suites of SUITES that notice it (`make prove`)."""

    name: str
    about: str
    what: str
    edits: tuple[Edit, ...]
    noticed: tuple[str, ...]


SUITES: Mapping[str, tuple[str, ...]] = {
    "unit": ("pytest", "tests/unit"),
    "laws of planning": ("pytest", "tests/laws/test_planner_laws.py"),
    "histories in memory": ("tests.prove", "--only", "histories-memory"),
    "orders": ("pytest", "tests/laws/histories/test_orders.py"),
    "interruptions": ("tests.crash", "created_in_the_folder", "--telling", "--kind", "exchange"),
    "privacy": ("pytest", "tests/e2e/test_privacy.py"),
    "marking": ("pytest", "tests/e2e/test_marking.py"),
    "log-ins": ("pytest", "tests/e2e/login"),
}
"""Commands by suite: a module that Python runs, and its arguments."""

UPDATES, CREATES, MERGE = "mailsync/session/updates.py", "mailsync/session/creates.py", "mailsync/core/merge.py"
GUARD, ARRIVALS = "mailsync/core/guard.py", "mailsync/core/arrivals.py"
OUTSIDE, KEEPING, GRANT = "mailsync/mailbox/exchange/outside.py", "mailsync/login/keeping.py", "mailsync/login/grant.py"

BUGS = (
    Bug(
        "echo-of-a-cut-value",
        "echo suppression",
        "Salesforce's base holds what was meant, not what was written: a value that was cut comes back as an edit",
        (Edit(UPDATES, "m.before if m.onward else m.sent for", "m.before if m.onward else m.source for"),),
        ("histories in memory",),
    ),
    Bug(
        "echo-of-another-spelling",
        "echo suppression",
        "values are compared as they are spelled: what a vendor stores in its own spelling comes back as an edit",
        (
            Edit(
                "mailsync/core/divergence.py",
                "return same(one, other, f.type, policy.region, limit.choices if limit else ())",
                "return one == other",
            ),
        ),
        ("unit", "histories in memory"),
    ),
    Bug(
        "create-up-before-its-intent",
        "journal order",
        "a Contact is created before its intent is stored",
        (
            Edit(
                CREATES,
                "        work.commit(Batch(intents=tuple(intents)))\n        drafts = [_draft_up",
                "        drafts = [_draft_up",
            ),
            Edit(
                CREATES,
                "        _record_ups(work, part, intents, outcomes)\n",
                "        work.commit(Batch(intents=tuple(intents)))\n"
                "        _record_ups(work, part, intents, outcomes)\n",
            ),
        ),
        ("interruptions",),
    ),
    Bug(
        "cursor-before-the-work",
        "journal order",
        "the cursors of both sides move on before the session's work is done",
        (
            Edit(
                "mailsync/session/run.py",
                "    carry_out(work, plan, alive)\n",
                "    work.commit(Batch(state=next_state(agent, feeds, state)))\n    carry_out(work, plan, alive)\n",
            ),
        ),
        ("histories in memory",),
    ),
    Bug(
        "update-without-an-entry",
        "history",
        "a record is updated, and the history does not tell of it",
        (
            Edit(
                UPDATES,
                "entries=(announced.entry,), settled=(announced.key,)))\n\n\ndef as_history",
                "settled=(announced.key,)))\n\n\ndef as_history",
            ),
        ),
        ("histories in memory",),
    ),
    Bug(
        "order-of-the-feed",
        "order of changes",
        "newcomers are taken in the order in which the feed names them, not the eldest first",
        (
            Edit(
                ARRIVALS,
                "return sorted([*found.readmitted, *found.arrivals, *found.copies_in], key=age)",
                "return [*found.readmitted, *found.arrivals, *found.copies_in]",
            ),
            Edit("mailsync/core/marks.py", "for item in sorted(strangers, key=age):", "for item in strangers:"),
        ),
        ("orders",),
    ),
    Bug(
        "guard-that-never-holds",
        "guard",
        "mass deletions are carried out without asking",
        (
            Edit(
                GUARD,
                "return total > limit and total * 100 > percent * draft.sight.pair_count",
                "return total > limit and total * 100 > percent * draft.sight.pair_count * 1000",
            ),
        ),
        ("unit", "histories in memory"),
    ),
    Bug(
        "items-without-a-mark",
        "privacy filter",
        "personal contacts of other folders are read, and taken for marked ones",
        (
            Edit(
                OUTSIDE,
                "return Outside({i: r for i, r in found.items() if is_marked(r.item)})",
                "return Outside(found)",
            ),
            Edit("mailsync/mailbox/exchange/search.py", "<m:Restriction>{restriction}</m:Restriction>", ""),
            Edit("mailsync/core/marks.py", "if item.inside or carries_category(item):", "if item.id:"),
        ),
        ("privacy",),
    ),
    Bug(
        "private-items",
        "privacy filter",
        "items that a person marked as private go up without asking",
        (
            Edit(
                ARRIVALS,
                "    if item.sensitivity is not Sensitivity.NORMAL:\n        answer = draft",
                "    if item.sensitivity is None:\n        answer = draft",
            ),
        ),
        ("unit", "marking", "histories in memory"),
    ),
    Bug(
        "one-base-for-both",
        "per-side base",
        "the mailbox's values are compared with Salesforce's base",
        (
            Edit(
                MERGE,
                "mailbox_changed = differs(f, mailbox, sides.mailbox_base, policy)\n    if (crm",
                "mailbox_changed = differs(f, mailbox, sides.crm_base, policy)\n    if (crm",
            ),
        ),
        ("unit", "laws of planning", "histories in memory"),
    ),
    Bug(
        "token-that-never-ends",
        "token expiry",
        "an expired token is sent, and a refused one is not renewed",
        (
            Edit(GRANT, "(granted.ends is None or now + EARLY < granted.ends)", "True"),
            Edit(KEEPING, "return self._renew(refused).access != refused", "return False"),
        ),
        ("log-ins",),
    ),
)
