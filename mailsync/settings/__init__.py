"""Settings: the file's connections, and every user's own. Nothing here reads the environment or the clock by itself."""

from mailsync.settings.connections import ExchangeConnection as ExchangeConnection
from mailsync.settings.connections import FeedSettings as FeedSettings
from mailsync.settings.connections import GoogleApp as GoogleApp
from mailsync.settings.connections import GoogleConnection as GoogleConnection
from mailsync.settings.connections import MailboxConnection as MailboxConnection
from mailsync.settings.connections import MailboxKind as MailboxKind
from mailsync.settings.connections import MicrosoftApp as MicrosoftApp
from mailsync.settings.connections import MicrosoftConnection as MicrosoftConnection
from mailsync.settings.connections import Organisation as Organisation
from mailsync.settings.connections import SalesforceApp as SalesforceApp
from mailsync.settings.connections import SalesforceConnection as SalesforceConnection
from mailsync.settings.connections import Settings as Settings
from mailsync.settings.connections import UserConnection as UserConnection
from mailsync.settings.connections import WorkerSettings as WorkerSettings
from mailsync.settings.file import load_settings as load_settings
from mailsync.settings.file import locate_file as locate_file
from mailsync.settings.keys import KEYS as KEYS
from mailsync.settings.keys import Key as Key
from mailsync.settings.template import template as template
from mailsync.settings.user import Origin as Origin
from mailsync.settings.user import Shown as Shown
from mailsync.settings.user import UserSettings as UserSettings
from mailsync.settings.user import parse_changes as parse_changes
from mailsync.settings.user import resolve as resolve
from mailsync.settings.user import show as show
