"""A3-A13, A19, A23: the first session, what is marked, moved, copied, private; the folder found and lost."""

from tests.crash.catalogue import scenario
from tests.crash.places import Place
from tests.crash.scene import Scene


@scenario("A3", "A17")
def first_session(scene: Scene) -> None:
    scene.person.create("Uncle Bob", Place.PERSONAL, Email="bob@family.example")
    scene.org.create(FirstName="Mia", LastName="Wong", Email="mia@x.example", Phone="(415) 555-0101")
    scene.org.create(FirstName="Pia", LastName="Wong")


@scenario("A3", "A7", "B2")
def first_session_in_an_adopted_folder(scene: Scene) -> None:
    scene.person.make_folder()
    scene.person.create("Mia Wong", Email="mia@x.example", Department="R&D")
    scene.person.create("Zoe Quinn", Email="zoe@x.example")
    scene.org.create(FirstName="Mia", LastName="Wong", Email="MIA@x.example", Title="CTO")
    scene.org.create(FirstName="Kim", LastName="Doe")


@scenario("A5")
def many_marked_at_first(scene: Scene) -> None:
    scene.person.make_folder()
    for n in range(11):
        scene.person.create(f"Old Friend{n}", Email=f"f{n}@x.example")
    scene.org.create(FirstName="Kim", LastName="Doe")


@scenario("A7")
def created_in_the_folder(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe Quinn", Email="zoe@x.example", Title="CTO")
    scene.person.create("Noe Mail")


@scenario("A7", needs=("category_apart", "other_folders"))
def marked_outside(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Max Moved", Place.PERSONAL, Email="max@x.example")
    scene.person.mark("Max Moved")


@scenario("A7", "B2", needs=("category_apart", "other_folders"))
def marked_outside_and_known_in_salesforce(scene: Scene) -> None:
    scene.sync()
    scene.org.create(FirstName="Max", LastName="Moved", Email="max@x.example", Title="CTO")
    scene.person.create("Max Moved", Place.PERSONAL, Email="max@x.example", Department="R&D")
    scene.person.mark("Max Moved")


@scenario("A7")
def dragged_in(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Max Moved", Place.PERSONAL, Email="max@x.example")
    scene.sync()
    scene.person.move("Max Moved", Place.PERSONAL, Place.FOLDER)


@scenario("A7", needs=("sub_folders",))
def moved_into_a_sub_folder(scene: Scene) -> None:
    scene.person.make_folder()
    scene.person.create("Zoe Quinn")
    scene.sync()
    scene.person.move("Zoe Quinn", Place.FOLDER, Place.BELOW)
    scene.person.create("Max Below", Place.BELOW)


@scenario("A8", needs=("category_apart",))
def category_taken_off_in_the_folder(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.person.unmark("Kim Doe")


@scenario("A9", "D1")
def moved_out_and_created_again(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe", Title="CTO")
    scene.sync()
    scene.person.move("Kim Doe", Place.FOLDER, Place.PERSONAL)


@scenario("A9", "D1", auto_removal="allowed")
def moved_out_and_deleted(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe", Title="CTO")
    scene.sync()
    scene.person.move("Kim Doe", Place.FOLDER, Place.PERSONAL)


@scenario("A10", "D6")
def marked_again_beside_the_re_created_one(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.sync()
    scene.person.move("Kim Doe", Place.FOLDER, Place.PERSONAL)
    scene.sync()
    scene.sync()
    scene.person.mark("Kim Doe")


@scenario("A10", auto_removal="allowed")
def marked_again_after_the_deletion(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.sync()
    scene.person.move("Kim Doe", Place.FOLDER, Place.PERSONAL)
    scene.sync()
    scene.person.mark("Kim Doe")


@scenario("A11", needs=("copies", "other_folders"), auto_removal="allowed")
def copied_out(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.person.copy("Kim Doe", Place.PERSONAL)


@scenario("A11", "B2", needs=("copies",))
def copied_in_the_folder(scene: Scene) -> None:
    scene.org.create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    scene.sync()
    scene.person.copy("Kim Doe", Place.FOLDER)


@scenario("A13", needs=("private",))
def private_from_the_start_and_approved(scene: Scene) -> list[tuple[str, ...]]:
    scene.sync()
    scene.person.create("Dr Secret", Title="Spy")
    scene.person.seclude("Dr Secret")
    scene.sync()
    return [("approve", scene.user, scene.hold("A13")), ("sync", scene.user)]


@scenario("A13", "A23", needs=("private",))
def private_from_the_start_and_rejected(scene: Scene) -> list[tuple[str, ...]]:
    scene.sync()
    scene.person.create("Dr Secret", Title="Spy")
    scene.person.seclude("Dr Secret")
    scene.sync()
    return [("reject", scene.user, scene.hold("A13")), ("sync", scene.user)]


@scenario("A13", needs=("private",))
def turned_private(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.person.seclude("Kim Doe")
    scene.org.update(record, Title="CTO")


@scenario("A23", needs=("private",))
def excluded_moved_out_and_in_again(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Dr Secret")
    scene.person.seclude("Dr Secret")
    scene.sync()
    scene.answer("A13", "reject")
    scene.sync()
    scene.person.seclude("Dr Secret", private=False)
    scene.person.move("Dr Secret", Place.FOLDER, Place.PERSONAL)
    scene.sync()
    scene.person.move("Dr Secret", Place.PERSONAL, Place.FOLDER)


@scenario("A3", auto_removal="allowed")
def folder_lost_for_good(scene: Scene) -> None:
    for n in range(3):
        scene.org.create(FirstName="Kim", LastName=f"Doe{n}")
    scene.sync()
    scene.person.delete_folder()


@scenario("A3", needs=("folder_trash",), auto_removal="allowed")
def folder_in_the_bin(scene: Scene) -> None:
    record = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.org.create(FirstName="Mia", LastName="Wong")
    scene.sync()
    scene.person.trash_folder()
    scene.org.update(record, Title="CTO")


@scenario("A3", "A4", auto_removal="allowed")
def folder_lost_and_one_of_its_name_adopted(scene: Scene) -> None:
    for n in range(3):
        scene.org.create(FirstName="Kim", LastName=f"Doe{n}", Email=f"kim{n}@x.example")
    scene.sync()
    scene.person.delete_folder()
    scene.person.make_folder()
    scene.person.create("Kim Doe1", Email="kim1@x.example", Title="CTO")
    scene.person.create("Zoe Quinn")


@scenario("A4")
def folder_renamed(scene: Scene) -> None:
    scene.sync()
    scene.person.rename_folder("Customers")
    scene.org.create(FirstName="Kim", LastName="Doe")


@scenario("A3", "A21", auto_removal="allowed")
def cursor_lost(scene: Scene) -> None:
    for n in range(3):
        scene.org.create(FirstName="Kim", LastName=f"Doe{n}")
    scene.sync()
    scene.fault(**scene.person.lose_cursor())
    scene.person.create("Zoe Quinn")
    scene.person.edit("Kim Doe1", Title="CTO")
    scene.person.trash("Kim Doe2")
