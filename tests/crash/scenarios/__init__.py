"""The stories that are cut off: importing this room fills the catalogue."""

from tests.crash.scenarios import deletion, life, linking, marking, questions, restoring, scope, undoing, updates

__all__ = ["deletion", "life", "linking", "marking", "questions", "restoring", "scope", "undoing", "updates"]
