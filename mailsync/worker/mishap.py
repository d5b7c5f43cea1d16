"""Failures in words, as sessions tell them."""

from mailsync.session.mishap import describe_bug as describe_bug
from mailsync.session.mishap import sentence as sentence
