"""Log-ins at /services/oauth2/ and the identity URL (vendors/salesforce.md §7)."""

from mailsync.sandbox.salesforce.oauth.endpoints import answer_oauth, serves_oauth
from mailsync.sandbox.salesforce.oauth.registry import dump_log_ins, read_app, read_log_ins
from mailsync.sandbox.salesforce.oauth.sessions import end_families, end_sessions, find_caller

__all__ = [
    "answer_oauth",
    "dump_log_ins",
    "end_families",
    "end_sessions",
    "find_caller",
    "read_app",
    "read_log_ins",
    "serves_oauth",
]
