"""What ann does in her mailbox, and what its server does."""

from dataclasses import replace

from mailsync.core.changes import Sensitivity
from mailsync.core.person import Value
from mailsync.core.policy import CATEGORY, FOLDER
from mailsync.core.refs import FieldName
from tests.fakes.post import BIN, CONTACTS, Post, Stored
from tests.laws.histories.people import COMPANIES, EDITED, Act, person, pick, value_for
from tests.laws.histories.world import World


def home_of(world: World) -> str | None:
    """The synced folder, as ann finds it: by name, live."""
    post = world.post
    named = [f.id for f in post.folders.values() if f.name == FOLDER and post.is_live(f.id)]
    known = world.store.state("ann").get("folder")
    return known if known in post.folders and post.is_live(known) else pick(named, 0)


def inside(world: World) -> list[Stored]:
    """The items in the synced folder and below."""
    home = home_of(world)
    below = world.post.below(home) if home else frozenset[str]()
    return [i for i in world.post.items.values() if i.folder in below]


def outside(world: World) -> list[Stored]:
    """Live items elsewhere."""
    home = home_of(world)
    below = world.post.below(home) if home else frozenset[str]()
    return [i for i in world.post.live_items() if i.folder not in below]


def binned(world: World) -> list[Stored]:
    """What lies in Deleted Items itself."""
    return [i for i in world.post.items.values() if i.folder == BIN]


def _named(stored: Stored) -> str:
    return f"{stored.id} {stored.values[FieldName('FirstName')]} {stored.values[FieldName('LastName')]}"


def _add(world: World, folder: str, n: int, m: int, k: int, categories: tuple[str, ...] = ()) -> None:
    values = person(world, n, m)
    values[FieldName("Company")] = COMPANIES[k % 4]
    if k % 13 == 0:
        values[FieldName("LastName")] = ""
    if folder == CONTACTS and not categories:
        values = {name: secret(world, value) for name, value in values.items()}
    more = (f"q{world.post.number()}@x.example",) if k % 7 == 0 else ()
    own = ("Family",) if k % 3 == 0 else ()
    page = "https://home.example" if k % 5 == 0 else ""
    made = world.post.add(
        folder, values, categories=(*own, *categories), emails=more, web_page=page, body={"note": f"note {k}"}
    )
    place = world.post.folders[folder].name
    world.tell(f"    new in {place}: {_named(made)}{' marked' if categories else ''}")


def secret(world: World, value: Value) -> Value:
    """A value that is typed into a personal contact: it can be told from all others (L3)."""
    return f"Secret{world.post.number()}{value}" if isinstance(value, str) and value else value


def add_item(world: World, n: int, m: int, k: int) -> None:
    if home := home_of(world):
        _add(world, home, n, m, k)


def add_personal(world: World, n: int, m: int, k: int) -> None:
    _add(world, CONTACTS, n, m, k)


def add_marked(world: World, n: int, m: int, k: int) -> None:
    _add(world, CONTACTS, n, m, k, (CATEGORY,))


def add_list(world: World, n: int, m: int, k: int) -> None:
    if home := home_of(world):
        world.post.add(home, {}, is_list=True, display_name="Everybody")
        world.tell("    a distribution list in the folder")


def _edit(world: World, stored: Stored | None, m: int, k: int) -> None:
    if stored is not None and not stored.is_list:
        name = "Company" if m % 17 == 0 else EDITED[m % len(EDITED)]
        value = COMPANIES[k % 4] if name == "Company" else value_for(world, name, k)
        if stored in outside(world) and not (stored.is_marked and not stored.record):
            value = secret(world, value) if name != "Birthdate" else value  # a day is no place for words
        world.post.edit(stored.id, {FieldName(name): value})
        world.tell(f"    {stored.id}.{name} = {value!r}")


def edit_item(world: World, n: int, m: int, k: int) -> None:
    _edit(world, pick(inside(world), n), m, k)


def edit_personal(world: World, n: int, m: int, k: int) -> None:
    _edit(world, pick(outside(world), n), m, k)


def delete_item(world: World, n: int, m: int, k: int) -> None:
    if stored := pick(inside(world), n):
        if m % 4 == 0:
            world.post.purge(stored.id)
        else:
            world.post.move(stored.id, BIN)
        world.tell(f"    {stored.id} deleted{' for good' if m % 4 == 0 else ''}")


def restore_item(world: World, n: int, m: int, k: int) -> None:
    """From Deleted Items into the folder, or elsewhere."""
    home = home_of(world)
    if (stored := pick(binned(world), n)) and home:
        moved = world.post.move(stored.id, CONTACTS if m % 4 == 0 else home)
        assert moved is not None
        world.tell(f"    {stored.id} restored as {moved.id} to {world.post.folders[moved.folder].name}")


def move_out(world: World, n: int, m: int, k: int) -> None:
    if stored := pick(inside(world), n):
        moved = world.post.move(stored.id, CONTACTS)
        assert moved is not None
        world.tell(f"    {stored.id} moved out, now {moved.id}")


def move_in(world: World, n: int, m: int, k: int) -> None:
    home = home_of(world)
    if (stored := pick(outside(world), n)) and home:
        moved = world.post.move(stored.id, home)
        assert moved is not None
        world.tell(f"    {stored.id} moved in, now {moved.id}")


def move_below(world: World, n: int, m: int, k: int) -> None:
    """Into a sub-folder, or back from there."""
    home = home_of(world)
    if (stored := pick(inside(world), n)) and home:
        below = [f for f in world.post.below(home) if f != home]
        target = (pick(sorted(below), m) or world.post.add_folder("Below", home)) if stored.folder == home else home
        moved = world.post.move(stored.id, target)
        assert moved is not None
        world.tell(f"    {stored.id} moved to {world.post.folders[target].name}, now {moved.id}")


def mark_item(world: World, n: int, m: int, k: int) -> None:
    if stored := pick([i for i in outside(world) if not i.is_marked], n):
        world.post.mark(stored.id, (*stored.categories, CATEGORY if k % 4 else CATEGORY.upper()))
        world.tell(f"    {_named(stored)} marked")


def unmark_item(world: World, n: int, m: int, k: int) -> None:
    if stored := pick([i for i in world.post.live_items() if i.is_marked], n):
        world.post.mark(stored.id, [c for c in stored.categories if c.casefold() != CATEGORY.casefold()])
        world.tell(f"    {stored.id} category taken off")


def categorise_item(world: World, n: int, m: int, k: int) -> None:
    if stored := pick(inside(world), n):
        own = "Friends"
        rest = tuple(c for c in stored.categories if c != own)
        world.post.mark(stored.id, rest if own in stored.categories else (own, *rest))
        world.tell(f"    {stored.id} categories {world.post.items[stored.id].categories}")


def copy_item(world: World, n: int, m: int, k: int) -> None:
    home = home_of(world)
    if (stored := pick(inside(world), n)) and home:
        copied = world.post.copy(stored.id, CONTACTS if m % 3 == 0 else home)
        world.tell(f"    {stored.id} copied to {world.post.folders[copied.folder].name}: {copied.id}")


def switch_privacy(world: World, n: int, m: int, k: int) -> None:
    if stored := pick(inside(world), n):
        private = stored.sensitivity is Sensitivity.NORMAL
        _set(world.post, stored, Sensitivity.PRIVATE if private else Sensitivity.NORMAL)
        world.tell(f"    {stored.id} {'private' if private else 'public again'}")


def _set(post: Post, stored: Stored, sensitivity: Sensitivity) -> None:
    post.put(replace(stored, sensitivity=sensitivity))


def delete_folder(world: World, n: int, m: int, k: int) -> None:
    if home := home_of(world):
        world.post.drop_folder(home, for_good=m % 3 == 0)
        world.tell(f"    the folder is deleted{' for good' if m % 3 == 0 else ''}")


def rename_folder(world: World, n: int, m: int, k: int) -> None:
    if home := home_of(world):
        world.post.change_folder(home, name="Customers" if m % 2 else FOLDER)
        world.tell(f"    the folder is named {world.post.folders[home].name}")


def add_namesake(world: World, n: int, m: int, k: int) -> None:
    world.post.add_folder(FOLDER)
    world.tell("    another folder of that name")


def expire_cursor(world: World, n: int, m: int, k: int) -> None:
    world.post.epoch += 1
    world.tell("    the mailbox forgets its cursors")


def replay_feed(world: World, n: int, m: int, k: int) -> None:
    world.replay = m % 40
    world.tell(f"    the mailbox's next feed tells {world.replay} changes again")


ACTS: dict[str, tuple[Act, int]] = {
    "add_item": (add_item, 9),
    "add_personal": (add_personal, 3),
    "add_marked": (add_marked, 3),
    "add_list": (add_list, 1),
    "edit_item": (edit_item, 24),
    "edit_personal": (edit_personal, 5),
    "delete_item": (delete_item, 6),
    "restore_item": (restore_item, 4),
    "move_out": (move_out, 4),
    "move_in": (move_in, 3),
    "move_below": (move_below, 2),
    "mark_item": (mark_item, 3),
    "unmark_item": (unmark_item, 3),
    "categorise_item": (categorise_item, 1),
    "copy_item": (copy_item, 3),
    "switch_privacy": (switch_privacy, 2),
    "delete_folder": (delete_folder, 1),
    "rename_folder": (rename_folder, 1),
    "add_namesake": (add_namesake, 1),
    "expire_cursor": (expire_cursor, 1),
    "replay_feed": (replay_feed, 2),
}
