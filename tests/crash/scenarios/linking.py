"""B1-B9: created, matched, refused, linked to an Account."""

from tests.crash.catalogue import scenario
from tests.crash.scene import Scene


@scenario("B1", "C1")
def no_last_name(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe", Email="zoe@x.example")


@scenario("B1", "C1")
def last_name_mended(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe", Email="zoe@x.example")
    scene.sync()
    scene.person.edit("Zoe", LastName="Quinn")


@scenario("B2", "B4")
def matched_by_address(scene: Scene) -> None:
    scene.sync()
    scene.org.create(FirstName="Zoe", LastName="Quinn", Email="ZOE@x.example", Title="CTO", Phone="+1 415 555 0101")
    scene.person.create("Zoe Quinn", Email="zoe@x.example", Department="R&D", Title="CEO")


@scenario("B2", "B4", "A21")
def matched_with_an_old_record_of_another_owner(scene: Scene) -> None:
    record = scene.admin.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    scene.act("share", record=record, user=scene.user)
    scene.sync()
    scene.let_pass()
    scene.person.create("Zoe Quinn", Email="zoe@x.example")


@scenario("B2")
def another_name_at_that_address(scene: Scene) -> None:
    scene.sync()
    scene.org.create(FirstName="Other", LastName="Person", Email="shared@x.example")
    scene.person.create("Zoe Quinn", Email="shared@x.example")


@scenario("B2")
def twins(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe Quinn", Email="zoe@x.example")
    scene.person.create("Zoe Quinn", Email="zoe@x.example", Title="CTO")


@scenario("B2", "B15")
def namesakes_without_address(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe Quinn", Company="Hooli")
    scene.person.create("Zoe Quinn", Company="Initech")
    scene.person.create("Zoe Quinn", Company="Globex", Email="zoe@x.example")


@scenario("B2", several="oldest")
def several_and_the_oldest_is_taken(scene: Scene) -> None:
    scene.sync()
    scene.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example")
    scene.advance(5)
    scene.org.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    scene.person.create("Zoe Quinn", Email="zoe@x.example")


@scenario("B3", "C1")
def duplicate_rule(scene: Scene) -> None:
    scene.sync()
    scene.act("duplicate_rule", object="Contact", field="Phone", action="block")
    scene.org.create(LastName="Other", Phone="+1 415 555 0101")
    scene.person.create("Zoe Quinn", Phone="+1 415 555 0101")
    scene.person.create("Max Power")


@scenario("B3", "B4")
def duplicate_rule_names_the_same_person(scene: Scene) -> None:
    scene.sync()
    scene.act("duplicate_rule", object="Contact", field="Email", action="block")
    record = scene.admin.create(FirstName="Zoe", LastName="Quinn", Email="zoe@x.example", Title="CTO")
    scene.person.create("Zoe Quinn", Email="zoe@x.example", Department="R&D")
    scene.act("share", record=record, user=scene.user, access="edit")


@scenario("B5")
def linked_by_name(scene: Scene) -> None:
    scene.sync()
    scene.org.create("Account", Name="Initech")
    scene.org.create("Account", Name="The Hooli Corporation")
    scene.person.create("Zoe Quinn", Company=" iniTECH")
    scene.person.create("Max Power", Company="hooli")
    scene.person.create("Moe Blank", Company="Nowhere")


@scenario("B7", auto_create_account="on")
def account_made(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe Quinn", Company="Hooli")
    scene.person.create("Max Power", Company="hooli")
    scene.person.create("Moe Blank", Company="Initech")


@scenario("B8", "C1")
def refused(scene: Scene) -> None:
    scene.sync()
    scene.act("validation_rule", object="Contact", field="Title", pattern="^X", message="Titles never start with X")
    scene.person.create("Zoe Quinn", Title="X-Man")
    scene.person.create("Max Power", Title="CTO")


@scenario("B8", "C1")
def refused_and_mended(scene: Scene) -> None:
    scene.sync()
    scene.act("validation_rule", object="Contact", field="Title", pattern="^X", message="Titles never start with X")
    scene.person.create("Zoe Quinn", Title="X-Man")
    scene.sync()
    scene.person.edit("Zoe Quinn", Title="CTO")


@scenario("B8")
def refused_and_tried_again_by_command(scene: Scene) -> list[tuple[str, ...]]:
    scene.sync()
    scene.act("validation_rule", object="Contact", field="Title", pattern="^X", message="No X")
    scene.person.create("Zoe Quinn", Title="X-Man")
    scene.sync()
    scene.act("validation_rule", object="Contact", field="Title", pattern="^never", message="No X")
    return [("retry", scene.user), ("sync", scene.user)]


@scenario("B9")
def company_edited(scene: Scene) -> None:
    for name in ("Initech", "Hooli"):
        scene.org.create("Account", Name=name)
    scene.sync()
    scene.person.create("Zoe Quinn", Company="Initech")
    scene.sync()
    scene.person.edit("Zoe Quinn", Company="Hooli")


@scenario("B9", company_change="relink")
def company_edited_and_relinked(scene: Scene) -> None:
    for name in ("Initech", "Hooli"):
        scene.org.create("Account", Name=name)
    scene.sync()
    scene.person.create("Zoe Quinn", Company="Initech")
    scene.sync()
    scene.person.edit("Zoe Quinn", Company="Hooli", Title="CTO")


@scenario("B9")
def account_renamed(scene: Scene) -> None:
    account = scene.org.create("Account", Name="Initech")
    scene.sync()
    scene.person.create("Zoe Quinn", Company="Initech")
    scene.sync()
    scene.org.update(account, "Account", Name="Initrode")


@scenario("A20", block="family.example")
def blocked_address(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Aunt Mae", Email="mae@family.example")
    scene.person.create("Max Power")
