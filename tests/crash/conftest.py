"""Fixtures of the cut sessions."""

import pytest


@pytest.fixture(autouse=True)
def exchange_answers_fit_the_schema() -> None:
    """Left to all other suites: here the same answers come thousands of times, which would cost more than the cuts."""
