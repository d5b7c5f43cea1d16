"""`mailsync set`: changes are checked as a whole, their plan is shown where E7 asks for it, and then they are saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailsync.bootstrap import Setup, SystemClock, agent_of, check_view, open_setup, pick_users, resolve_user
from mailsync.cli.failures import DONE, FAILED
from mailsync.cli.output import ask, print_json, say, warn, watched
from mailsync.cli.plans import print_plan
from mailsync.cli.recording import acts_of
from mailsync.core.actions import CreateItem, CreateRecord, DeleteRecord, Plan, RemoveItem
from mailsync.core.policy import AutoRemoval
from mailsync.errors import MailsyncError, SettingsError
from mailsync.ports.presets import fixed_by
from mailsync.session.agent import Keys
from mailsync.session.report import plan_json
from mailsync.session.run import preview
from mailsync.settings import UserSettings, parse_changes, show
from mailsync.telemetry import tell
from mailsync.worker.mishap import sentence

PLANNED = (
    "view", "direction", "auto_removal", "on_leave_scope", "description", "defaults", "required", "mailbox",
)  # fmt: skip
"""Settings whose change shows its plan before it is saved (E7), by their names in UserSettings."""


MOVED = {Keys.FOLDER: None, Keys.MAILBOX_CURSOR: None, Keys.CRM_CURSOR: None, Keys.REFILL: True, Keys.REPAIRING: True}
"""What a mailbox of another kind means for the next session: pairs are kept, their items found by the id property, else
by e-mail address, else made; until both sides were read completely, nothing is deleted or removed (A1, A3)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do: the next session's plan under it, or why there is none."""

    plan: Plan | None = None
    kept: int = 0
    trouble: str = ""


NO_EFFECT = Effect()
"""Of a change that E7 asks no plan of."""


def change_settings(
    config: Path | None, user: str, assignments: Sequence[str], *, as_json: bool, sure: bool = False
) -> int:
    """Saves settings. Returns 1 where a person says no, else 0. Raises SettingsError naming every problem."""
    with open_setup(config) as setup:
        pick_users(setup, [user])
        wanted = parse_changes(assignments)
        before, origins = resolve_user(setup, user)
        after, _ = resolve_user(setup, user, merge_settings(setup.store.settings(user), wanted))
        effect = NO_EFFECT
        if any(getattr(before, name) != getattr(after, name) for name in PLANNED):
            effect = find_effect(setup, user, before, after, quiet=as_json)
            _show_effect(effect, before, after, as_json=as_json)
            if not (sure or ask("Save?")):
                return FAILED
        state = consequences(before, after, shown=effect.plan is not None)
        due = SystemClock().now() if before != after else None
        former = {s.key: s.value for s in show(before, origins)}
        changes = {k: {"before": former.get(k), "after": v} for k, v in wanted.items()}
        with setup.store.acting() as hand:
            hand.save_settings(user, wanted, state, due)
            hand.record(acts_of("set", user, **changes))
        tell("settings.changed", user=user, keys=" ".join(sorted(wanted)))
        tell_fixed(setup, user, wanted)
    if as_json:
        print_json({"user": user, "saved": wanted, **effect_json(effect)})
    else:
        say("; ".join(f"{k} = {v}" if v is not None else f"{k} as in the file" for k, v in wanted.items()) + ": saved")
    return DONE


def tell_fixed(setup: Setup, user: str, wanted: Mapping[str, str | None]) -> None:
    """Says which of the keys a preset decides whatever is stored."""
    decided = fixed_by(setup.store.presets.of(user))
    for key in wanted.keys() & decided.keys():
        warn(f"{user}: {key}: stored, but not in force: the preset {decided[key]} decides it")


def merge_settings(stored: Mapping[str, str], wanted: Mapping[str, str | None]) -> dict[str, str]:
    """What is stored once a change is saved."""
    return {k: v for k, v in {**stored, **wanted}.items() if v is not None}


def find_effect(setup: Setup, user: str, before: UserSettings, after: UserSettings, *, quiet: bool) -> Effect:
    """The plan of a change. Where a vendor can't be reached there is none, with the reason: the change is saved all
    the same, and D8 guards what follows, since nobody approved it. Raises SettingsError for an unknown view."""
    try:
        with watched(user, quiet=quiet) as progress, agent_of(setup, user, after) as agent:
            progress("planning the change", 0, 0)
            if before.view != after.view:
                check_view(agent.crm, after.view)
            # B8: what was refused is tried again under other settings, so the plan shows it too.
            assumed = {**consequences(before, after, shown=True), Keys.ALL_DUE: True}
            plan = preview(agent, assumed=assumed)
    except SettingsError:
        raise
    except MailsyncError as error:
        return Effect(trouble=f"no plan could be shown: {sentence(error)}")
    leaving = sum(isinstance(a, RemoveItem | DeleteRecord) for a in plan.actions)
    return Effect(plan, setup.store.count(user) - leaving)


def _show_effect(effect: Effect, before: UserSettings, after: UserSettings, *, as_json: bool) -> None:
    if effect.trouble:
        warn(effect.trouble)
    if effect.plan is not None and not as_json:
        print_plan(effect.plan)
        shape = effect_json(effect)
        say(f"added {shape['added']}, kept {shape['kept']}, leaving {shape['leaving']}")
        if allows_removal(before, after) and any(h.rule == "D1" for h in effect.plan.holds):
            say("deletions that are found now wait for your approval (D2)")


def effect_json(effect: Effect) -> dict[str, Any]:
    """The plan of a change as JSON; null where E7 asks for none, or where there is trouble."""
    if effect.plan is None:
        return {"added": None, "kept": None, "leaving": None, "plan": None, "trouble": effect.trouble or None}
    actions = effect.plan.actions
    return {
        "added": sum(isinstance(a, CreateItem | CreateRecord) for a in actions),
        "kept": effect.kept,
        "leaving": sum(isinstance(a, RemoveItem | DeleteRecord) for a in actions),
        "plan": plan_json(effect.plan),
        "trouble": None,
    }


def allows_removal(before: UserSettings, after: UserSettings) -> bool:
    """Whether a change allows auto-removal (D2)."""
    return before.auto_removal is not after.auto_removal and after.auto_removal is AutoRemoval.ALLOWED


def consequences(before: UserSettings, after: UserSettings, *, shown: bool) -> dict[str, Any]:
    """What a change means for the next session's state; pure.

    A scope whose plan was shown is approved (D8). Another mailbox is searched for the pairs' items. With another view,
    direction, mapping or answer to what leaves, all is read once, so that nothing is missed that was passed over.
    Allowing auto-removal holds the deletions that it finds (D2).
    """
    state: dict[str, Any] = {}
    leaves = before.on_leave_scope is not after.on_leave_scope
    if before.view != after.view or leaves or before.direction is not after.direction:
        state[Keys.SCOPE_APPROVED] = shown
    if before.view != after.view or leaves:
        state[Keys.CRM_CURSOR] = None
    if before.direction is not after.direction or before.description is not after.description:
        state |= {Keys.CRM_CURSOR: None, Keys.MAILBOX_CURSOR: None}
    if before.mailbox is not after.mailbox:
        state |= MOVED
    if before.auto_removal is not after.auto_removal:
        state[Keys.HOLD_DELETIONS] = allows_removal(before, after)
    return state
