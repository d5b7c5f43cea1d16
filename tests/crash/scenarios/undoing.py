"""`undo`, cut off: it is run again, and ends where it would have ended."""

from tests.crash.catalogue import scenario
from tests.crash.killing import Words
from tests.crash.scenarios.updates import pair_up
from tests.crash.scene import Scene


def undo_of(scene: Scene) -> list[Words]:
    """One session, and the command line that takes it back."""
    return [("undo", scene.user, str(scene.sync()["session"]), "--delete", "--yes")]


@scenario("L5")
def undone_updates_on_both_sides(scene: Scene) -> list[Words]:
    record = pair_up(scene, Title="CEO", Phone="+1 415 555 0102")
    scene.org.update(record, Title="CTO")
    scene.person.edit("Zoe Quinn", Department="R&D")
    return undo_of(scene)


@scenario("A17", "L4")
def undone_mirrors(scene: Scene) -> list[Words]:
    scene.sync()
    scene.org.create(FirstName="Mia", LastName="Down", Email="mia@x.example")
    scene.org.create(FirstName="Kim", LastName="Doe")
    return undo_of(scene)


@scenario("A7", "L4")
def undone_creations(scene: Scene) -> list[Words]:
    scene.sync()
    scene.person.create("Zoe Quinn", Email="zoe@x.example")
    return undo_of(scene)


@scenario("D4")
def undone_removal(scene: Scene) -> list[Words]:
    record = pair_up(scene)
    scene.org.delete(record)
    return undo_of(scene)


@scenario("B2")
def undone_pairing(scene: Scene) -> list[Words]:
    scene.sync()
    scene.person.create("Zoe Quinn", Email="zoe@x.example", Department="R&D")
    scene.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    return undo_of(scene)
