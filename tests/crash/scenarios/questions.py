"""C7, D2, D8: what people answer, and the session after the answer."""

from tests.crash.catalogue import scenario
from tests.crash.places import Place
from tests.crash.scenarios.deletion import (
    many_blanks_held,
    many_deletions_held,
    many_removals_held,
    trashed_but_changed_in_salesforce,
)
from tests.crash.scenarios.linking import another_name_at_that_address, company_edited
from tests.crash.scenarios.marking import copied_in_the_folder, many_marked_at_first
from tests.crash.scenarios.updates import pair_up
from tests.crash.scene import Scene

Commands = list[tuple[str, ...]]


def answered(scene: Scene, rule: str, answer: str) -> Commands:
    """A session that asks, a person's answer, and the session after it: the last two are cut off."""
    scene.sync("held")
    return [(answer, scene.user, scene.hold(rule)), ("sync", scene.user)]


@scenario("A5", "C7")
def many_marked_at_first_approved(scene: Scene) -> Commands:
    many_marked_at_first(scene)
    return answered(scene, "A5", "approve")


@scenario("A5", "A23", "C7")
def many_marked_at_first_rejected(scene: Scene) -> Commands:
    many_marked_at_first(scene)
    return answered(scene, "A5", "reject")


@scenario("A11", "C7", needs=("copies",))
def copy_merged(scene: Scene) -> Commands:
    copied_in_the_folder(scene)
    scene.sync("held")
    rule = "A11" if "A11" in str(scene.run("issues", scene.user)) else "B2"
    return [("approve", scene.user, scene.hold(rule)), ("sync", scene.user)]


@scenario("B2", "C7")
def match_approved(scene: Scene) -> Commands:
    another_name_at_that_address(scene)
    return answered(scene, "B2", "approve")


@scenario("B2", "C7")
def match_rejected(scene: Scene) -> Commands:
    another_name_at_that_address(scene)
    return answered(scene, "B2", "reject")


@scenario("B9", "C7")
def company_approved(scene: Scene) -> Commands:
    company_edited(scene)
    return answered(scene, "B9", "approve")


@scenario("D3", "C7", auto_removal="allowed")
def deletion_approved(scene: Scene) -> Commands:
    trashed_but_changed_in_salesforce(scene)
    return answered(scene, "D3", "approve")


@scenario("D3", "C7", auto_removal="allowed")
def deletion_rejected(scene: Scene) -> Commands:
    trashed_but_changed_in_salesforce(scene)
    return answered(scene, "D3", "reject")


@scenario("D8", "C7", auto_removal="allowed", guard__count="2")
def many_deletions_approved(scene: Scene) -> Commands:
    many_deletions_held(scene)
    return answered(scene, "D8", "approve")


@scenario("D8", "C7", auto_removal="allowed", guard__count="2")
def many_deletions_rejected(scene: Scene) -> Commands:
    many_deletions_held(scene)
    return answered(scene, "D8", "reject")


@scenario("D8", "C7", guard__count="2")
def many_removals_approved(scene: Scene) -> Commands:
    many_removals_held(scene)
    return answered(scene, "D8", "approve")


@scenario("D8", "C7", guard__count="2")
def many_blanks_rejected(scene: Scene) -> Commands:
    many_blanks_held(scene)
    return answered(scene, "D8", "reject")


@scenario("B17", "C7", needs=("trash",), auto_removal="allowed")
def left_over_approved(scene: Scene) -> Commands:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.sync()
    scene.person.move("Zoe Quinn", Place.BIN, Place.FOLDER)
    return answered(scene, "B17", "approve")


@scenario("B17", "A23", "C7", needs=("trash",), auto_removal="allowed")
def left_over_rejected(scene: Scene) -> Commands:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.sync()
    scene.person.move("Zoe Quinn", Place.BIN, Place.FOLDER)
    return answered(scene, "B17", "reject")


@scenario("D2", "E7")
def auto_removal_allowed_from_now_on(scene: Scene) -> Commands:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    return [("set", scene.user, "auto_removal=allowed"), ("sync", scene.user)]


@scenario("D2", "E7")
def auto_removal_no_longer_allowed(scene: Scene) -> Commands:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    scene.set(auto_removal="allowed")
    scene.sync("held")
    return [("set", scene.user, "auto_removal=not-allowed"), ("sync", scene.user)]
