import pytest

from tests.contract.sandbox_salesforce.desk import Office, open_office


@pytest.fixture
def office() -> Office:
    """An organisation without records: ann, bob, cem, admin."""
    return open_office()
