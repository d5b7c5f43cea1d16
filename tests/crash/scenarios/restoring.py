"""`undo` of a deletion, cut off.

To be imported by this room once an undelete, and a record made anew, are announced with all that their entries tell.
Both sides end alike at every point; where the answer to the undelete is lost its entry is lacking, and the entry
of a record made anew names no item.
"""

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
