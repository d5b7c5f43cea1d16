"""A17, B10-B16: edits on one side, on both, conflicts, cuts, refusals, merges."""

from tests.crash.catalogue import scenario
from tests.crash.scene import Scene


def pair_up(scene: Scene, **values: str) -> str:
    """Zoe Quinn, paired; the record's id."""
    scene.sync()
    scene.person.create("Zoe Quinn", Email="zoe@x.example", **values)
    scene.sync()
    return str(scene.org.named("Quinn")["Id"])  # type: ignore[index]


@scenario("A17")
def created_in_salesforce(scene: Scene) -> None:
    scene.sync()
    scene.org.create(FirstName="Mia", LastName="Down", Email="mia@x.example", MailingCity="Berlin")
    scene.org.create(LastName="Lonely")


@scenario("A17", "B10")
def edited_in_salesforce(scene: Scene) -> None:
    record = pair_up(scene, Title="CEO", Phone="+1 415 555 0102")
    scene.org.update(record, Title="CTO", LastName="Quinn-Doe", Phone=None)


@scenario("B10")
def edited_in_the_mailbox(scene: Scene) -> None:
    pair_up(scene, Title="CEO", Phone="+1 415 555 0102")
    scene.person.edit("Zoe Quinn", Title="", Department="R&D", LastName="Quinn-Doe")


@scenario("B10")
def edited_on_both_sides(scene: Scene) -> None:
    record = pair_up(scene, Title="CEO")
    scene.org.update(record, Title="CTO")
    scene.person.edit("Zoe Quinn", Department="R&D")


@scenario("B12")
def conflict_won_by_salesforce(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.update(record, Title="From Salesforce")
    scene.person.edit("Zoe Quinn", Title="From the mailbox")


@scenario("B12", conflict="mailbox")
def conflict_won_by_the_mailbox(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.update(record, Title="From Salesforce")
    scene.person.edit("Zoe Quinn", Title="From the mailbox")


@scenario("B12", conflict="ask")
def conflict_asked(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.update(record, Title="From Salesforce", Department="Sales")
    scene.person.edit("Zoe Quinn", Title="From the mailbox", AssistantName="Al")


@scenario("B12", "C7", conflict="ask")
def conflict_answered(scene: Scene) -> list[tuple[str, ...]]:
    record = pair_up(scene)
    scene.org.update(record, Title="From Salesforce")
    scene.person.edit("Zoe Quinn", Title="From the mailbox")
    scene.sync()
    return [("reject", scene.user, scene.hold("B12")), ("sync", scene.user)]


@scenario("B12", conflict__Title="mailbox")
def conflicts_won_by_either_side(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.update(record, Title="From Salesforce", Department="From Salesforce")
    scene.person.edit("Zoe Quinn", Title="From the mailbox", Department="From the mailbox")


@scenario("B13")
def cut_to_fit(scene: Scene) -> None:
    pair_up(scene)
    scene.person.edit("Zoe Quinn", Title="Chief " * 30 + "Officer", Department="R&D")


@scenario("B13")
def an_optional_field_refused(scene: Scene) -> None:
    pair_up(scene)
    scene.act("validation_rule", object="Contact", field="Department", pattern="^No", message="no such place")
    scene.person.edit("Zoe Quinn", Title="CTO", Department="Nowhere")


@scenario("B13", "B8")
def an_invalid_address(scene: Scene) -> None:
    scene.sync()
    scene.person.create("Zoe Quinn", Email="not an address", Title="CTO")


@scenario("B13")
def a_field_locked_for_the_user(scene: Scene) -> None:
    pair_up(scene)
    scene.act("field_security", object="Contact", field="Department", user=scene.user, read=True, edit=False)
    scene.person.edit("Zoe Quinn", Title="CTO", Department="R&D")


@scenario("B10", view="all")
def a_record_that_may_not_be_changed(scene: Scene) -> None:
    record = scene.admin.create(FirstName="Kim", LastName="Doe")
    scene.act("share", record=record, user=scene.user)
    scene.sync()
    scene.person.edit("Kim Doe", Title="CTO")


@scenario("B16")
def merged_away(scene: Scene) -> None:
    loser = pair_up(scene)
    winner = scene.org.create(FirstName="Zoe", LastName="Winner", Title="CTO")
    scene.admin.merge(winner, loser)


@scenario("B16")
def merged_into_a_pair(scene: Scene) -> None:
    loser = pair_up(scene)
    winner = scene.org.create(FirstName="Max", LastName="Power")
    scene.sync()
    scene.person.edit("Zoe Quinn", Department="R&D")
    scene.admin.merge(winner, loser)


@scenario("B16")
def merged_in_a_chain(scene: Scene) -> None:
    first = pair_up(scene)
    second = scene.org.create(FirstName="Max", LastName="Power")
    third = scene.org.create(FirstName="Kim", LastName="Doe")
    scene.sync()
    scene.admin.merge(second, first)
    scene.advance(2)
    scene.admin.merge(third, second)


@scenario("B16", "D1", auto_removal="allowed")
def merged_into_a_pair_whose_item_is_gone(scene: Scene) -> None:
    loser = pair_up(scene)
    winner = scene.org.create(FirstName="Max", LastName="Power")
    scene.sync()
    scene.person.trash("Max Power")
    scene.admin.merge(winner, loser)


@scenario("B16", needs=("trash",))
def undeleted(scene: Scene) -> None:
    record = pair_up(scene)
    scene.org.delete(record)
    scene.sync()
    scene.org.undelete(record)
