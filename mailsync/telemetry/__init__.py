"""What the program tells of itself: log lines without personal values, and how its requests were answered.

Lines are told anywhere above the core with `tell`; only the command line decides, once, where they go (`open_log`).
"""

from mailsync.telemetry.lines import bound as bound
from mailsync.telemetry.lines import place_of as place_of
from mailsync.telemetry.lines import tell as tell
from mailsync.telemetry.lines import tell_error as tell_error
from mailsync.telemetry.requests import measured as measured
