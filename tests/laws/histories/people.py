"""What people do in the organisation: each act takes the world and three numbers, which pick what it is done to.

An act that finds nothing to be done to does nothing, so that a script stays one whatever is taken out of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mailsync.core.person import Address, Value
from mailsync.core.refs import AccountId, FieldName
from tests.fakes.org import READ_ONLY, ListView, Row
from tests.laws.histories.world import ADDRESSES, BACK_ID, CRM_LIMITS, World

Act = Callable[[World, int, int, int], None]
FIRST = ("Ada", "Bo", "Cy", "")
LAST = ("Low", "Mar", "Nix", "Öz")
BACK = ListView(BACK_ID, FieldName("LastName"), "L", "L names")
"""The one list view that there is, or was."""
COMPANIES = ("Acme", "Acme Rockets", "Globex", "")
EDITED = (
    *("Title", "Title", "Department", "Phone", "MobilePhone", "Email", "LastName", "FirstName"),
    *("MailingAddress", "OtherAddress", "Birthdate", "AssistantName"),
)


def pick(things: Sequence[Any], n: int) -> Any:
    """One of them, or None."""
    return things[n % len(things)] if things else None


def value_for(world: World, name: str, n: int) -> Value:
    """A value that was not there before, blank in one of seven; most unique, some from a small pool."""
    if n % 7 == 0:
        return ""
    number = world.org.number() * 2 + 1 if n % 7 < 5 else n % 3
    match name:
        case "Phone" | "MobilePhone":
            digits = f"{number % 10000:04d}"
            return f"+1 650-253-{digits}" if n % 2 else f"(650) 253{digits}"
        case "Email":
            return f"p{number}@x.example"
        case "Birthdate":
            return f"19{number % 90 + 10}-0{n % 9 + 1}-1{n % 10}"
        case "FirstName":
            return FIRST[n % 3]
        case _ if FieldName(name) in ADDRESSES:
            return Address(f"{number} Main St\nSuite {n % 5}", "Ulm", country="Germany")
        case _:
            return f" {name} {number}" if n % 11 == 0 else f"{name} {number}"


def person(world: World, n: int, m: int) -> dict[FieldName, Value]:
    """A new person: unique, or from a small pool in which people meet."""
    number = world.org.number() if n % 3 else n % 4
    found = {
        "FirstName": FIRST[m % 4],
        "LastName": f"{LAST[n % 4]}{number}",
        "Email": f"p{number}@x.example" if m % 5 else "",
        "Title": value_for(world, "Title", m),
        "Phone": value_for(world, "Phone", m // 2),
    }
    return {FieldName(k): v for k, v in found.items()}


def rows(world: World) -> list[Row]:
    """All contacts that are not deleted."""
    return [r for r in world.org.rows.values() if not r.deleted]


def _late(m: int) -> float:
    """How late a commit is: mostly not at all."""
    return (m % 540) if m % 9 == 0 else 0


def add_record(world: World, n: int, m: int, k: int) -> None:
    owner = "bob" if k % 6 == 0 else "ann"
    account = pick(list(world.org.accounts), m) if n % 2 else None
    values = person(world, n, m)
    new = world.org.add(owner, values, account, late=_late(k), custom={"Level__c": f"{k}"})
    world.tell(f"    {owner} creates {new} {values[FieldName('LastName')]}")


def edit_record(world: World, n: int, m: int, k: int) -> None:
    if row := pick(rows(world), n):
        name = EDITED[m % len(EDITED)]
        value = value_for(world, name, k)
        if name == "LastName" and not value:
            return
        world.org.edit(row.id, {FieldName(name): value}, late=_late(n))
        world.tell(f"    {row.id}.{name} = {value!r}{' late' if _late(n) else ''}")


def edit_both(world: World, n: int, m: int, k: int) -> None:
    """Two people at one field of one contact: a conflict (B12)."""
    pairs = [p for p in world.store.pairs("ann") if p.item in world.post.items and p.record in world.org.rows]
    if pair := pick([p for p in pairs if not world.org.rows[p.record].deleted], n):
        name = FieldName(EDITED[m % 6])
        values = value_for(world, name, k), value_for(world, name, k + 1)
        if name != "LastName" or all(values):
            world.org.edit(pair.record, {name: values[0]})
            world.post.edit(pair.item, {name: values[1]})
            world.tell(f"    {pair.record}.{name} = {values[0]!r}, and {pair.item} = {values[1]!r}")


def delete_record(world: World, n: int, m: int, k: int) -> None:
    if row := pick(rows(world), n):
        world.org.delete(row.id)
        world.tell(f"    {row.id} deleted")


def undelete_record(world: World, n: int, m: int, k: int) -> None:
    binned = [r for r in world.org.rows.values() if r.deleted and not r.master]
    if row := pick(binned, n):
        world.org.undelete(row.id)
        world.tell(f"    {row.id} undeleted")


def purge_record(world: World, n: int, m: int, k: int) -> None:
    if row := pick([r for r in world.org.rows.values() if r.deleted], n):
        world.org.purge(row.id)
        world.tell(f"    {row.id} purged")


def merge_records(world: World, n: int, m: int, k: int) -> None:
    live = rows(world)
    winner, loser = pick(live, n), pick(live, n + 1 + m)
    if winner is not None and winner.id != loser.id:
        world.org.merge(winner.id, loser.id)
        world.tell(f"    {loser.id} merged into {winner.id}")


def give_away(world: World, n: int, m: int, k: int) -> None:
    """To bob, out of ann's sight or not; or back."""
    if row := pick(rows(world), n):
        owner = "bob" if row.owner == "ann" else "ann"
        shared = frozenset({"ann"}) if m % 2 else frozenset[str]()
        world.org.edit(row.id, {}, owner=owner, shared=shared)
        world.tell(f"    {row.id} now {owner}'s{', shared with ann' if shared else ''}")


def switch_sharing(world: World, n: int, m: int, k: int) -> None:
    """Without any stamp."""
    if row := pick([r for r in rows(world) if r.owner != "ann"], n):
        world.org.share(row.id, "ann", shared="ann" not in row.shared)
        world.unannounced[row.id] = world.clock.now()
        world.tell(f"    {row.id} {'un' if 'ann' in row.shared else ''}shared")


def lock_record(world: World, n: int, m: int, k: int) -> None:
    if row := pick(rows(world), n):
        locked = frozenset[str]() if row.locked else frozenset({"ann"})
        world.org.rows[row.id] = replace(row, locked=locked)
        world.tell(f"    {row.id} {'un' if row.locked else ''}locked for ann")


def add_account(world: World, n: int, m: int, k: int) -> None:
    name = COMPANIES[n % 3]
    world.tell(f"    Account {world.org.add_account(name)} {name}")


def rename_account(world: World, n: int, m: int, k: int) -> None:
    if account := pick(list(world.org.accounts), n):
        name = f"{COMPANIES[m % 3]} {world.org.number()}"
        world.org.rename_account(AccountId(account), name)
        world.tell(f"    Account {account} renamed {name}")


def link_account(world: World, n: int, m: int, k: int) -> None:
    if row := pick(rows(world), n):
        account = pick([None, *world.org.accounts], m)
        world.org.edit(row.id, {}, account=account)
        world.tell(f"    {row.id} linked to {account}")


def secure_field(world: World, n: int, m: int, k: int) -> None:
    """Field security: a field is hidden, read-only, or as it was."""
    name = FieldName(("Title", "Department", "MobilePhone", "Birthdate")[n % 4])
    if world.org.limits[name] is not CRM_LIMITS[name]:
        limit = CRM_LIMITS[name]
    else:
        limit = READ_ONLY if m % 2 else replace(READ_ONLY, readable=False)
    world.org.secure(name, limit)
    world.tell(f"    field {name}: readable {limit.readable}, updateable {limit.updateable}")


def switch_validation(world: World, n: int, m: int, k: int) -> None:
    name = FieldName("Title" if n % 2 else "LastName")
    if world.org.forbidden.pop(name, None) is None:
        world.org.forbidden[name] = f"{m % 10}"
        world.org.described += 1
    world.tell(f"    validation rules: {dict(world.org.forbidden)}")


def switch_duplicate_rule(world: World, n: int, m: int, k: int) -> None:
    world.org.unique_email = not world.org.unique_email
    world.tell(f"    duplicate rule {'on' if world.org.unique_email else 'off'}")


def edit_view(world: World, n: int, m: int, k: int) -> None:
    if view := pick(list(world.org.views.values()), n):
        world.org.views[view.id] = replace(view, prefix=("", "L", "M", "N")[m % 4])
        world.tell(f"    view {view.id} now {world.org.views[view.id].prefix!r}")


def delete_view(world: World, n: int, m: int, k: int) -> None:
    """Gone, or there again."""
    if world.org.views.pop(BACK.id, None) is None:
        world.org.views[BACK.id] = BACK
    world.tell(f"    views: {list(world.org.views)}")


def forget_deletions(world: World, n: int, m: int, k: int) -> None:
    """Salesforce no longer tells deletions before now: the cursor is no longer good."""
    world.org.forgotten = world.clock.time
    world.tell("    Salesforce forgets its list of deletions")


ACTS: dict[str, tuple[Act, int]] = {
    "add_record": (add_record, 9),
    "edit_record": (edit_record, 24),
    "edit_both": (edit_both, 8),
    "delete_record": (delete_record, 5),
    "undelete_record": (undelete_record, 2),
    "purge_record": (purge_record, 1),
    "merge_records": (merge_records, 3),
    "give_away": (give_away, 3),
    "switch_sharing": (switch_sharing, 2),
    "lock_record": (lock_record, 1),
    "add_account": (add_account, 1),
    "rename_account": (rename_account, 1),
    "link_account": (link_account, 2),
    "secure_field": (secure_field, 1),
    "switch_validation": (switch_validation, 1),
    "switch_duplicate_rule": (switch_duplicate_rule, 1),
    "edit_view": (edit_view, 1),
    "delete_view": (delete_view, 1),
    "forget_deletions": (forget_deletions, 1),
}
