"""The table of faults: vendor by vendor, each row a way in which it fails."""

from collections.abc import Mapping

from tests.faults.rows.exchange import EXCHANGE
from tests.faults.rows.google import GOOGLE
from tests.faults.rows.microsoft import MICROSOFT
from tests.faults.rows.salesforce import SALESFORCE
from tests.faults.rows.shared import Row as Row

TABLE: Mapping[str, tuple[Row, ...]] = {
    "salesforce": SALESFORCE,
    "exchange": EXCHANGE,
    "google": GOOGLE,
    "microsoft": MICROSOFT,
}
