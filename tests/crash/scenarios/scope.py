"""A14-A19, E1, E7: what leaves the scope and comes back, views, directions."""

from tests.crash.catalogue import scenario
from tests.crash.places import Place
from tests.crash.scene import Scene

Commands = list[tuple[str, ...]]


def lend(scene: Scene) -> str:
    """A record of somebody else that the user may read, mirrored; its id."""
    record = str(scene.admin.create(FirstName="Kim", LastName="Doe"))
    scene.act("share", record=record, user=scene.user)
    scene.sync()
    return record


@scenario("A18", view="all")
def lost_by_sharing(scene: Scene) -> None:
    record = lend(scene)
    scene.act("unshare", record=record, user=scene.user)


@scenario("A18", view="all", on_leave_scope="freeze")
def lost_by_sharing_and_frozen(scene: Scene) -> None:
    record = lend(scene)
    scene.act("unshare", record=record, user=scene.user)


@scenario("A18", view="all")
def lost_by_sharing_and_edited(scene: Scene) -> None:
    record = lend(scene)
    scene.act("unshare", record=record, user=scene.user)
    scene.person.edit("Kim Doe", Title="CTO")


@scenario("A18", view="all")
def shared_again(scene: Scene) -> None:
    record = lend(scene)
    scene.act("unshare", record=record, user=scene.user)
    scene.sync()
    scene.act("share", record=record, user=scene.user)


@scenario("A18", "A21", view="all")
def shared_again_after_an_edit(scene: Scene) -> None:
    record = lend(scene)
    scene.act("unshare", record=record, user=scene.user)
    scene.admin.update(record, Title="CTO")
    scene.sync()
    scene.let_pass()
    scene.act("share", record=record, user=scene.user)


@scenario("A18")
def given_away(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)


@scenario("A18", on_leave_scope="keep")
def given_away_and_kept(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)
    scene.admin.update(record, Title="CTO")


@scenario("A18", on_leave_scope="freeze")
def given_away_and_frozen(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)
    scene.admin.update(record, Title="CTO")


@scenario("A18")
def given_back(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)
    scene.sync()
    scene.admin.update(record, OwnerId=scene.owner(scene.user), Title="CTO")


@scenario("A19", needs=("trash",))
def put_back_and_pinned(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)
    scene.sync()
    scene.person.move("Kim Doe", Place.BIN, Place.FOLDER)


@scenario("A19", "A21", needs=("trash",))
def put_back_after_its_record_was_edited(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.give_away(record)
    scene.admin.update(record, Title="CTO")
    scene.sync()
    scene.let_pass()
    scene.person.move("Kim Doe", Place.BIN, Place.FOLDER)


@scenario("A16", view="view:Berlin")
def view_deleted(scene: Scene) -> None:
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    kept = scene.org.create(FirstName="Kim", LastName="Doe", MailingCity="Berlin")
    scene.sync()
    scene.act("delete_view", view="Berlin")
    scene.org.create(LastName="New", MailingCity="Berlin")
    scene.org.update(kept, Title="CTO")


@scenario("A14", "A18", view="view:Berlin")
def view_edited(scene: Scene) -> None:
    scene.act("create_view", object="Contact", name="Berlin", where="MailingCity = 'Berlin'", scope="mine")
    scene.org.create(FirstName="Kim", LastName="Doe", MailingCity="Berlin")
    scene.org.create(FirstName="Mia", LastName="Wong", MailingCity="Paris")
    scene.sync()
    scene.act("edit_view", view="Berlin", where="MailingCity = 'Paris'")


@scenario("A14", "E7", view="all")
def view_changed_by_a_person(scene: Scene) -> Commands:
    lend(scene)
    scene.org.create(FirstName="Mia", LastName="Wong")
    scene.sync()
    return [("set", scene.user, "view=mine"), ("sync", scene.user)]


@scenario("A15", "E1", direction="up")
def edited_on_both_sides_in_direction_up(scene: Scene) -> None:
    scene.org.create(LastName="Down")
    scene.sync()
    scene.person.create("Zoe Quinn")
    scene.sync()
    scene.org.update(scene.org.named("Quinn")["Id"], Title="CTO")  # type: ignore[index]
    scene.person.edit("Zoe Quinn", Department="R&D")


@scenario("E1", direction="down", auto_removal="allowed")
def edited_and_created_in_direction_down(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.org.update(record, Department="Sales")
    scene.person.create("Zoe Quinn")
    scene.person.edit("Kim Doe", Title="CEO")


@scenario("E1", "E7", direction="up")
def direction_changed_to_both(scene: Scene) -> Commands:
    scene.org.create(FirstName="Kim", LastName="Down")
    scene.sync()
    scene.person.create("Zoe Quinn")
    scene.sync()
    scene.org.update(scene.org.named("Quinn")["Id"], Title="CTO")  # type: ignore[index]
    return [("set", scene.user, "direction=both"), ("sync", scene.user)]
