"""The command line: commands, options and what they print (docs/cli.md)."""

from mailsync.cli.application import app as app
from mailsync.cli.application import main as main
