"""Which items bear the marks that they should (A7, C1)."""

import pytest

from mailsync.core.policy import CATEGORY, ERROR_CATEGORY
from mailsync.core.stamps import is_marked


@pytest.mark.parametrize(
    ("categories", "right"),
    [
        ((CATEGORY,), True),
        (("Friends", CATEGORY), True),
        ((CATEGORY.upper(),), True),
        (("Friends",), False),
        ((), False),
        ((CATEGORY, ERROR_CATEGORY), False),
        ((CATEGORY, f"{ERROR_CATEGORY}: no last name"), False),
        ((ERROR_CATEGORY,), False),
    ],
)
def test_C1_a_category_and_no_error(categories: tuple[str, ...], right: bool) -> None:
    assert is_marked(categories) is right
