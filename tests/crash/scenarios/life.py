"""A1, C3, E5, E6: whose folder it is, log-ins, pause, reset, takeover, removal; and a session that does everything."""

from tests.crash.catalogue import scenario
from tests.crash.places import Place
from tests.crash.scene import Scene

Commands = list[tuple[str, ...]]


def live_together(scene: Scene) -> None:
    """Two that came down, one of them edited in the mailbox, and one that went up."""
    scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.org.create(FirstName="Edited", LastName="Doe", Email="ed@x.example")
    scene.sync()
    scene.person.create("Zoe Quinn", Email="zoe@x.example")
    scene.person.edit("Edited Doe", Title="CTO")
    scene.sync()


@scenario("A7", "A9", "A17", "B5", "B10", "D1", "D4", auto_removal="allowed")
def everything_at_once(scene: Scene) -> None:
    scene.org.create("Account", Name="Acme Rockets")
    names = ("Gone", "Both", "Binned", "Left", "Still")
    records = {n: scene.org.create(FirstName="Kim", LastName=n, Email=f"{n.lower()}@x.example") for n in names}
    scene.sync()
    scene.org.create(FirstName="Mia", LastName="Down", Email="mia@x.example")
    scene.org.create(FirstName="Pia", LastName="Down")
    scene.person.create("Zoe Up", Email="zoe@x.example", Company="Acme Rockets")
    scene.person.create("Noe Mail")
    scene.person.create("Max Moved", Place.PERSONAL, Email="max@x.example")
    scene.person.mark("Max Moved")
    scene.org.update(records["Both"], Title="CTO")
    scene.person.edit("Kim Both", Department="R&D")
    scene.org.delete(records["Gone"])
    scene.person.trash("Kim Binned")
    scene.person.move("Kim Left", Place.FOLDER, Place.PERSONAL)


@scenario("C3", "E5")
def paused_and_resumed(scene: Scene) -> Commands:
    live_together(scene)
    scene.run("pause", scene.user)
    scene.org.create(FirstName="Mia", LastName="Wong")
    scene.person.create("Max Power")
    return [("resume", scene.user), ("sync", scene.user)]


@scenario("E5")
def paused(scene: Scene) -> Commands:
    live_together(scene)
    scene.person.create("Max Power")
    return [("pause", scene.user), ("sync", scene.user)]


@scenario("A1", auto_removal="allowed")
def reset(scene: Scene) -> Commands:
    live_together(scene)
    scene.person.trash("Zoe Quinn")
    return [("reset", scene.user), ("sync", scene.user)]


@scenario("A1", "B12")
def reset_with_an_edit_that_can_not_be_placed(scene: Scene) -> Commands:
    live_together(scene)
    scene.person.edit("Kim Doe", Title="CEO")
    return [("reset", scene.user), ("sync", scene.user)]


@scenario("A1", auto_removal="allowed")
def taken_over_after_the_store_was_lost(scene: Scene) -> Commands:
    live_together(scene)
    scene.shelf.clear()
    (scene.home / "mailsync.key").unlink()
    scene.person.trash("Kim Doe")
    return [("takeover", scene.user), ("sync", scene.user)]


@scenario("A1", auto_removal="allowed")
def store_restored(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.org.create(FirstName="Mia", LastName="Wong")
    scene.sync()
    backup = scene.shelf.keep()
    scene.person.create("Zoe Quinn", Email="zoe@x.example")
    scene.sync()
    scene.person.trash("Kim Doe")
    scene.shelf.put_backup_back(backup)


@scenario("E6", over=True)
def removed(scene: Scene) -> Commands:
    live_together(scene)
    return [("remove", scene.user)]


@scenario("E6", over=True)
def removed_and_reverted(scene: Scene) -> Commands:
    live_together(scene)
    return [("remove", scene.user, "--revert")]


@scenario("A20", "E7")
def contacts_switched_off_and_on(scene: Scene) -> Commands:
    live_together(scene)
    scene.set(contacts="off")
    scene.org.create(FirstName="Mia", LastName="Wong")
    return [("set", scene.user, "contacts=on"), ("sync", scene.user)]
