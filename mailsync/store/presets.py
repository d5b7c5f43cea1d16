"""Presets and groups, by the names of users: they may be given to somebody of whom nothing else is stored yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, insert, or_, select

from mailsync.ports.presets import Book, Mode, Preset
from mailsync.store import tables as t
from mailsync.store.codec import from_json
from mailsync.store.database import Database
from mailsync.store.engine import reading

USER, GROUP = "user", "group"
_ROWS = 1000


def _is_for(user: ColumnElement[str]) -> ColumnElement[bool]:
    target, member = t.preset_targets.c, t.members.c
    mine = target.preset == t.presets.c.name
    named = exists().where(mine, target.kind == USER, target.name == user)
    grouped = exists().where(
        and_(mine, target.kind == GROUP, member.group_name == target.name, member.user_name == user)
    )
    return or_(t.presets.c.everybody, named, grouped)


_FOR_USER = select(t.presets).where(_is_for(bindparam("user"))).order_by(t.presets.c.place)


@dataclass(frozen=True, slots=True)
class SqlPresets:
    """All presets of an installation: replaced as a whole, read for one user at a time."""

    database: Database

    def book(self) -> Book:
        """All presets, in their order, and the groups."""
        with reading(self.database.engine) as c:
            presets = tuple(_preset(c, row) for row in c.execute(select(t.presets).order_by(t.presets.c.place)).all())
            groups: dict[str, tuple[str, ...]] = {
                name: () for preset in presets for name in preset.groups
            }  # a group without users is still named
            members = select(t.members).order_by(t.members.c.group_name, t.members.c.user_name)
            for row in c.execute(members):
                groups[row.group_name] = (*groups.get(row.group_name, ()), row.user_name)
        return Book(presets, groups)

    def of(self, user: str) -> tuple[Preset, ...]:
        """The presets that are for a user, in their order, without telling whom else they are for."""
        with reading(self.database.engine) as c:
            rows = c.execute(_FOR_USER, {"user": user}).all()
            return tuple(Preset(r.name, Mode(r.mode), _settings(c, r.name), about=r.about) for r in rows)

    def members(self, group: str) -> Sequence[str]:
        """A group's users, by name."""
        mine = t.members.c.group_name == group
        with reading(self.database.engine) as c:
            return list(c.execute(select(t.members.c.user_name).where(mine).order_by(t.members.c.user_name)).scalars())


def replace_presets(connection: Connection, book: Book) -> None:
    """Puts these presets and groups in the place of all others."""
    for table in (t.preset_settings, t.preset_targets, t.presets, t.members):
        connection.execute(delete(table))
    for place, preset in enumerate(book.presets):
        _write(connection, place, preset)
    members = [{"group_name": g, "user_name": u} for g, users in book.groups.items() for u in users]
    for start in range(0, len(members), _ROWS):
        connection.execute(insert(t.members), members[start : start + _ROWS])


def _settings(connection: Connection, preset: str) -> dict[str, str]:
    c = t.preset_settings.c
    query = select(c.key, c.value).where(c.preset == preset).order_by(c.key)
    return {row.key: row.value for row in connection.execute(query)}


def _preset(connection: Connection, row: object) -> Preset:
    name, mode, everybody, about = (getattr(row, k) for k in ("name", "mode", "everybody", "about"))
    c = t.preset_targets.c
    targets = connection.execute(select(c.kind, c.name).where(c.preset == name).order_by(c.name)).all()
    users = tuple(r.name for r in targets if r.kind == USER)
    groups = tuple(r.name for r in targets if r.kind == GROUP)
    return Preset(name, Mode(mode), _settings(connection, name), users, groups, everybody=everybody, about=about)


def _write(connection: Connection, place: int, preset: Preset) -> None:
    row = {"name": preset.name, "place": place, "mode": preset.mode.value, "about": preset.about}
    connection.execute(insert(t.presets).values(**row, everybody=preset.everybody))
    settings = [{"preset": preset.name, "key": key, "value": value} for key, value in preset.settings.items()]
    targets = [
        {"preset": preset.name, "kind": kind, "name": name}
        for kind, names in ((USER, preset.users), (GROUP, preset.groups))
        for name in names
    ]
    for table, rows in ((t.preset_settings, settings), (t.preset_targets, targets)):
        if rows:
            connection.execute(insert(table), rows)


def forget_user(connection: Connection, user: str) -> None:
    """Takes a user's name out of presets, groups and the activity log (D9)."""
    target = t.preset_targets.c
    connection.execute(delete(t.preset_targets).where(target.kind == USER, target.name == user))
    connection.execute(delete(t.members).where(t.members.c.user_name == user))
    connection.execute(delete(t.activity).where(t.activity.c.user_name == user))


def read_about(connection: Connection, user: str) -> dict[str, list[dict[str, Any]]]:
    """What is stored under a user's name beside the user's own tables (D9), by table, as JSON values."""
    target, member, act = t.preset_targets.c, t.members.c, t.activity.c
    presets = select(target.preset).where(target.kind == USER, target.name == user).order_by(target.preset)
    groups = select(member.group_name).where(member.user_name == user).order_by(member.group_name)
    acts = connection.execute(select(t.activity).where(act.user_name == user).order_by(act.id)).all()
    return {
        "preset_targets": [{"preset": name} for name in connection.execute(presets).scalars()],
        "members": [{"group_name": name} for name in connection.execute(groups).scalars()],
        "activity": [
            {"time": r.time.isoformat(), "actor": r.actor, "action": r.action, "details": from_json(r.details)}
            for r in acts
        ],
    }
