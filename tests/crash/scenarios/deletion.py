"""D1-D8, B17, C5: deleted on either side, restored, asked about."""

from tests.crash.catalogue import scenario
from tests.crash.places import Place
from tests.crash.scenarios.updates import pair_up
from tests.crash.scene import Scene


@scenario("D1")
def trashed_and_created_again(scene: Scene) -> None:
    record = pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.org.update(record, Title="CTO")


@scenario("D1", auto_removal="allowed")
def trashed_and_deleted(scene: Scene) -> None:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")


@scenario("D1", auto_removal="allowed")
def deleted_for_good_and_deleted(scene: Scene) -> None:
    pair_up(scene)
    scene.person.delete("Zoe Quinn")


@scenario("D1", auto_removal="allowed")
def trashed_before_its_echo(scene: Scene) -> None:
    scene.sync()
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.person.trash("Kim Doe")


@scenario("D1", "E1", direction="up")
def trashed_and_only_unpaired(scene: Scene) -> None:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")


@scenario("D1", "E1", direction="down", auto_removal="allowed")
def trashed_in_direction_down(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.person.trash("Kim Doe")


@scenario("D3", auto_removal="allowed")
def trashed_but_changed_in_salesforce(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.update(record, Title="CTO")
    scene.person.trash("Zoe Quinn")


@scenario("D3", auto_removal="allowed", view="all")
def trashed_but_not_to_be_deleted_by_the_user(scene: Scene) -> None:
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user=scene.user)
    scene.sync()
    scene.person.trash("Kim Doe")


@scenario("D4")
def deleted_in_salesforce(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.delete(record)


@scenario("D4", "L5")
def deleted_in_salesforce_and_edited_in_the_mailbox(scene: Scene) -> None:
    record = pair_up(scene, Department="R&D")
    scene.person.edit("Zoe Quinn", Title="Edited")
    scene.org.delete(record)


@scenario("D5")
def deleted_on_both_sides(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.delete(record)
    scene.person.trash("Zoe Quinn")


@scenario("D6", needs=("trash",))
def restored_beside_the_re_created_one(scene: Scene) -> None:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.sync()
    scene.sync()
    scene.person.move("Zoe Quinn", Place.BIN, Place.FOLDER)


@scenario("D6", "B2", needs=("trash",))
def restored_beside_an_edited_one(scene: Scene) -> None:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.sync()
    scene.person.edit("Zoe Quinn", Title="Edited")
    scene.sync()
    scene.person.move("Zoe Quinn", Place.BIN, Place.FOLDER)


@scenario("B17", "D6", needs=("trash",), auto_removal="allowed")
def restored_after_its_record_is_gone(scene: Scene) -> None:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.sync()
    scene.person.move("Zoe Quinn", Place.BIN, Place.FOLDER)


@scenario("B17", "E1", direction="up")
def left_over_in_direction_up(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.delete(record)


@scenario("B17", "D5", "E1", direction="up")
def left_over_and_thrown_away(scene: Scene) -> None:
    left_over_in_direction_up(scene)
    scene.sync("held")
    scene.person.trash("Zoe Quinn")


@scenario("C5")
def deleted_a_third_time(scene: Scene) -> None:
    pair_up(scene)
    for _ in range(2):
        scene.person.trash("Zoe Quinn")
        scene.sync()
    scene.person.trash("Zoe Quinn")


@scenario("D8", auto_removal="allowed", guard__count="2")
def many_deletions_held(scene: Scene) -> None:
    for n in range(4):
        scene.org.create(FirstName="Kim", LastName=f"Doe{n}")
    scene.sync()
    for n in range(3):
        scene.person.trash(f"Kim Doe{n}")
    scene.person.create("Zoe Quinn")


@scenario("D8", guard__count="2")
def many_removals_held(scene: Scene) -> None:
    records = [scene.org.create(FirstName="Kim", LastName=f"Doe{n}") for n in range(4)]
    scene.sync()
    for record in records[:3]:
        scene.org.delete(record)
    scene.org.create(FirstName="Mia", LastName="Wong")


@scenario("D8", "B10", guard__count="2")
def many_blanks_held(scene: Scene) -> None:
    records = [scene.org.create(FirstName="Kim", LastName=f"Doe{n}", Title="CTO") for n in range(4)]
    scene.sync()
    for record in records[:3]:
        scene.org.update(record, Title=None, Department="Sales")
