from collections.abc import Generator

import pytest

from mailsync.sandbox.server import RunningSandbox, running_sandbox
from tests.e2e.sandbox.echo import Echo


@pytest.fixture
def box() -> Generator[RunningSandbox]:
    """A sandbox with the echo vendor alone, holding one text."""
    with running_sandbox({"echo": {"texts": ["first"]}}, makers=[Echo]) as running:
        yield running
