"""SOQL as Salesforce decides it: parse() and run()."""

from mailsync.sandbox.salesforce.soql.execution import run
from mailsync.sandbox.salesforce.soql.parser import parse
from mailsync.sandbox.salesforce.soql.source import Field, Result, Row, SoqlError, Source, Table
from mailsync.sandbox.salesforce.soql.syntax import Query
from mailsync.sandbox.salesforce.soql.views import where_tree, with_select

__all__ = [
    "Field",
    "Query",
    "Result",
    "Row",
    "SoqlError",
    "Source",
    "Table",
    "parse",
    "run",
    "where_tree",
    "with_select",
]
