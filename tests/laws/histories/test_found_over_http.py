"""What generated histories over HTTP found once, and what mended it still holds."""

import pytest

from tests.laws.histories.script import parse
from tests.laws.histories.wire import wire

FOUND_OVER_HTTP = {
    "A1 reset before anything was ever stored of the user": ("google", 0, "reset 401 237 567; session; quiet"),
    "A6 A13 rejected in the folder, without the category: the folder's feed tells it, and no more becomes of it": (
        "exchange",
        103,
        "add_marked 801 704 567; add_record 491 779 4; session; switch_privacy 460 667 139; unmark_item 274 75 102; "
        "session; answer 967 210 154; quiet; edit_private 276 799 489; session",
    ),
    "A6 A13 the same on Graph": (
        "microsoft",
        103,
        "add_marked 801 704 567; add_record 491 779 4; session; switch_privacy 460 667 139; unmark_item 274 75 102; "
        "session; answer 967 210 154; quiet; edit_private 276 799 489; session",
    ),
    "D1 deleted before a feed that tells everything again: told all the same": (
        "microsoft",
        216,
        "add_marked 575 144 432; add_marked 739 300 430; session; session; delete_item 639 28 148; "
        "replay_feed 995 789 829; quiet",
    ),
    "I16 removed, its answer lost, taken out of the trash under the same id and removed again: told of once": (
        "google",
        52,
        "add_record 864 768 845; add_record 54 720 323; add_record 188 777 416; session; session; "
        "edit_item 13 135 949; session [11: act delete_record 127 952 434]; add_item 882 444 78; "
        "session [12: throttled]; restore_item 495 21 855; quiet",
    ),
    "I16 made in the label, its answer lost, and taken out of it before it was found: it may have been made": (
        "google",
        208,
        "add_record 574 267 357; session [10: kill before]; move_out 16 575 627; quiet",
    ),
    "A1 A6 private in a folder of that name, which the first session takes over: its feed tells it": (
        "microsoft",
        0,
        "add_namesake 0 0 0; add_private 0 0 0; quiet",
    ),
    "A13 A23 private and rejected: Graph is given its name back with the property, and nobody else is": (
        "microsoft",
        7,
        "session; add_private 934 952 738; session; answer 903 916 395; quiet",
    ),
    "A21 D1 moved to another folder, seen by a session that did not end, and deleted: gone though no feed names it": (
        "exchange",
        45113,
        "add_record 1 1 1; add_record 2 2 2; session; move_below 0 0 0; session; move_below 0 0 0; "
        "session [8: kill before]; delete_item 0 0 0; quiet",
    ),
    "A6 renamed, not so its display name, and moved in: the folder's feed tells the earlier name": (
        "exchange",
        300208,
        "session; add_personal 0 1 1; edit_personal 0 571 0; move_in 0 0 0; quiet",
    ),
    "A6 A13 the same of a private one": (
        "exchange",
        300187,
        "session; add_private 583 85 56; edit_private 627 820 971; quiet; edit_private 666 36 336; session",
    ),
    "B15 moved in by a copy, and the first one put back: moved again, and not onto the item of the other's record": (
        "microsoft",
        300063,
        "add_marked 65 893 252; session; give_away 0 0 0; session; restore_item 580 416 318; quiet",
    ),
    "D1 moved to a folder below that no feed has told of yet: not gone, and not made again": (
        "microsoft",
        300199,
        "add_record 1 1 1; session; move_below 0 0 0; session [4: broken]; session [2: late]; quiet",
    ),
    "D1 the same on Exchange, where it has another id by then: the next session is told": (
        "exchange",
        0,
        "add_record 1 1 1; session; move_below 0 0 0; session [2: late]; quiet",
    ),
    "D1 the same, told at once": (
        "microsoft",
        5,
        "add_record 1 1 1; session; move_below 0 0 0; session [2: late]; quiet",
    ),
}
"""What was found once over HTTP, as short as it got: the kind of mailbox, the seed, and the script."""


@pytest.mark.parametrize("name", FOUND_OVER_HTTP)
def test_found_over_http_never_again(name: str) -> None:
    kind, seed, script = FOUND_OVER_HTTP[name]
    with wire(kind) as running:
        assert running.play(seed, parse(script)).wrong == ()
