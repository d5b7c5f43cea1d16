"""A settings file and a user become the agent that a session works with; adapters.py opens its two sides."""

import os
import random
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from mailsync.adapters import Access, open_crm, open_mailbox
from mailsync.core.person import Flow, Limits
from mailsync.core.policy import Policy
from mailsync.core.refs import FieldName, Key
from mailsync.errors import SettingsError
from mailsync.mapping.interpreter import mailbox_limits
from mailsync.mapping.table import Kind, Table, load
from mailsync.ports.crm import Crm, Scope
from mailsync.ports.presets import Preset
from mailsync.session.agent import Agent, Shared
from mailsync.settings import (
    ExchangeConnection,
    GoogleConnection,
    MailboxConnection,
    MailboxKind,
    MicrosoftConnection,
    Organisation,
    Origin,
    Settings,
    UserConnection,
    UserSettings,
    load_settings,
    locate_file,
    resolve,
)
from mailsync.store.secrets import Secrets

if TYPE_CHECKING:
    from mailsync.store.store import SqlStore


class SystemClock:
    """The clock port on this machine."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that everybody else asks

    def key(self) -> Key:
        """A fresh correlation key: 32 hexadecimal digits."""
        return Key(uuid4().hex)

    def spread(self) -> float:
        """Uniform in [0, 1)."""
        return random.random()  # noqa: S311 - jitter, not a secret


@dataclass(frozen=True, slots=True)
class Setup:
    """A settings file as it is in force, and its store."""

    settings: Settings
    store: "SqlStore"

    @property
    def users(self) -> Sequence[str]:
        """The file's users, in its order."""
        return tuple(self.settings.users)


def find_config(option: Path | None) -> Path:
    """The settings file in force: the option, else $MAILSYNC_CONFIG, else ./mailsync.toml."""
    return locate_file(str(option) if option else None, os.environ, Path.cwd())


def read_config(option: Path | None) -> Settings:
    """The settings file's content. Raises SettingsError with every problem."""
    return load_settings(find_config(option), os.environ)


@contextmanager
def open_setup(option: Path | None) -> Generator[Setup]:
    """Settings and store while the context lasts. Raises SettingsError, StoreError."""
    from mailsync.store import open_store

    settings = read_config(option)
    store = open_store(settings.store, Secrets(settings.key_file))
    try:
        yield Setup(settings, store)
    finally:
        store.close()


def pick_users(setup: Setup, named: Sequence[str]) -> Sequence[str]:
    """The users meant, each once, in the order given; all of the file if none is named. Raises SettingsError."""
    known = setup.users
    present = f"there are: {', '.join(known)}" if known else f"{setup.settings.path} has no [users.…] yet"
    problems = tuple(f"user {name}: not in {setup.settings.path}; {present}" for name in named if name not in known)
    if problems:
        raise SettingsError(problems)
    if not known:
        raise SettingsError((f"users: {present}; add one",))
    return tuple(dict.fromkeys(named)) or known


def resolve_user(
    setup: Setup, user: str, stored: Mapping[str, str] | None = None, presets: tuple[Preset, ...] | None = None
) -> tuple[UserSettings, Mapping[str, Origin]]:
    """A user's settings in force and their origins; `stored` stands for what `set` has stored, `presets` for those that
    are the user's. Raises SettingsError."""
    chosen = setup.store.settings(user) if stored is None else stored
    given = setup.store.presets.of(user) if presets is None else presets
    try:
        defaults, own = setup.settings.organisation_of(user).defaults, setup.settings.users[user].settings
        settings, origins = resolve(defaults, own, chosen, given)
        check_fields(settings, _table(connection_of(setup, user, settings), settings))
    except SettingsError as error:
        raise SettingsError(tuple(f"{user}: {problem}" for problem in error.problems)) from None
    return settings, origins


def settings_of(setup: Setup, user: str) -> UserSettings:
    """A user's settings in force. Raises SettingsError."""
    return resolve_user(setup, user)[0]


def check_settings_of(setup: Setup, users: Sequence[str]) -> None:
    """Raises SettingsError with the problems of all of them."""
    problems: list[str] = []
    for user in users:
        try:
            settings_of(setup, user)
        except SettingsError as error:
            problems += error.problems
    if problems:
        raise SettingsError(tuple(problems))


def check_fields(settings: UserSettings, table: Table) -> None:
    """Raises SettingsError where conflict.FIELD or required.FIELD names a field that is not mapped."""
    known = [str(f.name) for f in table.fields]
    named = [(f"conflict.{n}", n) for n in settings.winners] + [(f"required.{n}", n) for n in sorted(settings.required)]
    problems = tuple(f"{key}: no such field; there are {', '.join(known)}" for key, n in named if n not in known)
    if problems:
        raise SettingsError(problems)


def table_of(setup: Setup, user: str) -> Table:
    """The field mapping that is in force for a user."""
    settings = settings_of(setup, user)
    return _table(connection_of(setup, user, settings), settings)


def connection_of(setup: Setup, user: str, settings: UserSettings) -> UserConnection:
    """A user's connection with the mailbox that is in force. Raises SettingsError where there is no section for it."""
    connection = setup.settings.users[user]
    if settings.mailbox is MailboxKind.FILE:
        return connection
    kind = settings.mailbox.value
    found = connection.at(kind)
    if found is None:
        place = f"users.{user}.{kind}"
        raise SettingsError((f"mailbox: {place} is missing in {setup.settings.path}; add [{place}]",))
    return found


def _table(connection: UserConnection, settings: UserSettings) -> Table:
    return _table_with(kind_of(connection.mailbox), settings.description)


@cache
def _table_with(kind: Kind, description: Flow) -> Table:
    return load(kind).with_flows({FieldName("Description"): description})


def gate_of(organisation: Organisation) -> str:
    """The key of the gate that all sessions of an organisation pass."""
    return f"salesforce {urlsplit(organisation.salesforce.url).netloc}"


def kind_of(connection: MailboxConnection) -> Kind:
    """The kind of mailbox that a connection leads to."""
    match connection:
        case ExchangeConnection():
            return "exchange"
        case GoogleConnection():
            return "google"
        case MicrosoftConnection():
            return "microsoft"


def shared_feed(setup: Setup, user: str) -> Shared | None:
    """The organisation's feed, as a user's session may go by it (decision 0028); None where nobody reads one. Not where
    the user asked for the session: they have just done something that the feed need not know yet."""
    organisation = setup.settings.organisation_of(user)
    feed = organisation.feed
    if feed is None:
        return None
    oldest, clock = 2 * timedelta(minutes=feed.minutes), SystemClock()

    def is_awaited() -> bool:
        slot = setup.store.schedule.slot(user)
        return slot is not None and slot.asked is not None and abs(clock.now() - slot.asked) <= oldest

    return Shared(setup.store.feeds, gate_of(organisation), oldest, is_awaited)


def open_agent(setup: Setup, user: str, settings: UserSettings | None = None, shared: Shared | None = None) -> Agent:
    """A user's agent, its ports open; the caller closes them. `settings` stand for those in force (E7: a plan of
    other ones), `shared` is a feed that it may go by. Raises SettingsError, VendorError."""
    chosen = settings or settings_of(setup, user)
    connection = connection_of(setup, user, chosen)
    table = _table(connection, chosen)
    clock = SystemClock()
    organisation = setup.settings.organisation_of(user)
    access = Access(organisation, connection, setup.store.logins, clock.now)
    mailbox = open_mailbox(access, table, chosen.region)
    return Agent(
        user,
        open_crm(access, table),
        mailbox,
        setup.store,
        clock,
        Scope(chosen.view),
        policy_factory(chosen, table, organisation.salesforce.url),
        enabled=chosen.contacts,
        budget_calls=chosen.budget_calls,
        budget_percent=chosen.budget_percent,
        shared=shared,
        organisation=urlsplit(organisation.salesforce.url).netloc,
    )


@contextmanager
def agent_of(setup: Setup, user: str, settings: UserSettings | None = None) -> Generator[Agent]:
    """A user's agent while the context lasts."""
    agent = open_agent(setup, user, settings)
    try:
        yield agent
    finally:
        agent.crm.close()
        agent.mailbox.close()


def policy_factory(settings: UserSettings, table: Table, url: str) -> Callable[[Limits], Policy]:
    """Makes the policy from what Salesforce says of its fields. Links lead to `url`/ID (C2)."""
    fields, accepted = table.fields, mailbox_limits(table)

    def make(limits: Limits) -> Policy:
        return Policy(
            fields=fields,
            crm_limits=limits,
            mailbox_limits=accepted,
            region=settings.region,
            direction=settings.direction,
            auto_removal=settings.auto_removal,
            winner=settings.winner,
            winners=settings.winners,
            on_leave_scope=settings.on_leave_scope,
            company_change=settings.company_change,
            several=settings.several,
            last_name_fallback=settings.last_name_fallback,
            min_substring=settings.min_substring,
            strip_company_suffix=settings.strip_company_suffix,
            fixed_account=settings.fixed_account,
            auto_create_account=settings.auto_create_account,
            hold_shared_deletions=settings.hold_shared_deletions,
            block=settings.block,
            defaults=settings.defaults,
            required=settings.required,
            guard_count=settings.guard_count,
            guard_percent=settings.guard_percent,
            record_url=f"{url.rstrip('/')}/",
        )

    return make


def check_view(crm: Crm, view: str) -> None:
    """Raises SettingsError naming the views there are, where `view:NAME` names none of them, or several."""
    if view in ("mine", "all"):
        return
    name = view.removeprefix("view:").strip()
    views = crm.views()
    exact = [v for v in views if name in (v.id, v.id[:15], v.name)]
    found = exact or [v for v in views if v.label.strip().casefold() == name.casefold()]
    if len(found) == 1:
        return
    listed = ", ".join(f"{v.name} ({v.label}, {v.id})" for v in views) or "none"
    wrong = (
        f"{len(found)} list views have this label: name one by its id" if found else "no such list view for this user"
    )
    raise SettingsError((f"view: {name}: {wrong}; there are: mine, all, {listed}",))
