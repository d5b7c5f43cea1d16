"""`undo` of a deletion, cut off: the record comes out of the recycle bin once, or is made anew once."""

from tests.crash.catalogue import scenario
from tests.crash.killing import Words
from tests.crash.scenarios.undoing import undo_of
from tests.crash.scenarios.updates import pair_up
from tests.crash.scene import Scene


@scenario("D1", auto_removal="allowed")
def undone_deletion(scene: Scene) -> list[Words]:
    pair_up(scene)
    scene.person.trash("Zoe Quinn")
    return undo_of(scene)


@scenario("D1", "B15", auto_removal="allowed")
def undone_deletion_of_a_purged_record(scene: Scene) -> list[Words]:
    record = pair_up(scene)
    scene.person.trash("Zoe Quinn")
    words = undo_of(scene)
    scene.act("purge", record=record)
    return words
