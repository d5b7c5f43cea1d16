from collections.abc import Generator

import pytest

from tests.contract.crm.bench import Bench, bench


@pytest.fixture
def org() -> Generator[Bench]:
    """An organisation without records."""
    with bench() as found:
        yield found
