"""The desk of the command line's tests."""

from tests.e2e.cli.conftest import desk as desk
