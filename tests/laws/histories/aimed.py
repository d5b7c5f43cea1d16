"""Acts that aim at what a protection is for: what was just written, is too long for the other side, hidden, private."""

from mailsync.core.changes import Sensitivity
from mailsync.core.refs import FieldName, Side
from tests.laws.histories.people import EDITED, Act, person, pick, value_for
from tests.laws.histories.postal import home_of, inside, secret
from tests.laws.histories.world import CRM_LIMITS, World

LONG = ("Title", "Department", "LastName", "AssistantName")


def edit_again(world: World, n: int, m: int, k: int) -> None:
    """What the agent has just written is edited at once, on either side: is its echo told from the edit?"""
    told = [e for e in world.store.history("ann") if e.kind == "update" and e.record in world.org.rows]
    for entry in told[-1 - n % 3 :][:1]:
        names = [f for f in EDITED if f in entry.fields]
        pairs = world.store.pairs_of("ann", [entry.record], [])
        name = pick(names, m)
        if name is None or not pairs or pairs[0].item not in world.post.items:
            return
        value = value_for(world, name, k)
        if not value and name == "LastName":
            return
        side = entry.side if n % 4 else (Side.CRM if entry.side is Side.MAILBOX else Side.MAILBOX)
        if side is Side.CRM and not world.org.rows[entry.record].deleted:
            world.org.edit(entry.record, {FieldName(name): value})
        elif side is Side.MAILBOX:
            world.post.edit(pairs[0].item, {FieldName(name): value})
        world.tell(f"    {entry.record}.{name} = {value!r} in the {side.value}, edited again")


def type_long(world: World, n: int, m: int, k: int) -> None:
    """More than Salesforce holds: it is cut there (B13)."""
    if (stored := pick(inside(world), n)) and not stored.is_list and stored.sensitivity is Sensitivity.NORMAL:
        name = FieldName(pick(LONG, m))
        value = f"{name} {world.org.number()} ".ljust(CRM_LIMITS[name].length + k % 40 + 1, "x")
        world.post.edit(stored.id, {name: value})
        world.tell(f"    {stored.id}.{name} = {len(value)} characters")


def add_private(world: World, n: int, m: int, k: int) -> None:
    """Private from the first, in the folder: nothing of it may be told before a person allows it (A13)."""
    if home := home_of(world):
        values = {name: secret(world, value) for name, value in person(world, n, m).items()}
        made = world.post.add(home, values, sensitivity=Sensitivity.PRIVATE)
        world.tell(f"    new and private: {made.id}")


def edit_private(world: World, n: int, m: int, k: int) -> None:
    """What is private is edited, and stays so."""
    private = [i for i in inside(world) if i.sensitivity is not Sensitivity.NORMAL and not i.is_list]
    if stored := pick(private, n):
        name = FieldName(pick(("LastName", "Title", "Department", "Company"), m))
        value = secret(world, value_for(world, name, k))
        world.post.edit(stored.id, {name: value})
        world.tell(f"    private {stored.id}.{name} = {value!r}")


def edit_hidden(world: World, n: int, m: int, k: int) -> None:
    """A field that Salesforce hides from the user is edited in the mailbox (B13)."""
    hidden = [f for f in EDITED if not world.org.limits[FieldName(f)].readable]
    if (name := pick(hidden, m)) and (stored := pick(inside(world), n)) and not stored.is_list:
        value = value_for(world, name, k)
        world.post.edit(stored.id, {FieldName(name): value})
        world.tell(f"    {stored.id}.{name} = {value!r}, which Salesforce hides")


ACTS: dict[str, tuple[Act, int]] = {
    "edit_again": (edit_again, 6),
    "type_long": (type_long, 4),
    "add_private": (add_private, 1),
    "edit_private": (edit_private, 1),
    "edit_hidden": (edit_hidden, 1),
}
