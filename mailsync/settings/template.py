"""The commented mailsync.toml that `init` writes. Loaded as it is, its problems say what is to be filled in."""

from mailsync.settings.keys import KEYS, Key

_HEAD = """\
# mailsync.toml – connections and defaults. What `mailsync set` stores wins over what stands here.
# Fill in whatever is empty, then run: mailsync check

# store = "mailsync.db"       # what is kept of all users; beside this file
# key_file = "mailsync.key"   # encrypts stored log-ins; made by itself. Keep a copy of it apart from the store.

[defaults]
# Settings of every user. Values shown are the defaults; keys that name a field are examples.
"""

_TAIL = """
[salesforce]
url = ""                      # https://yourname.my.salesforce.com
api_version = "68.0"
# ca = "salesforce.pem"       # certificates to trust instead of the machine's

# One table for each user; copy it for the next one. The name is what commands call the user.
[users.ann]
salesforce_token = ""         # an access token; or salesforce_token_env = "NAME", or salesforce_token_file = "FILE"
mailbox = "exchange"          # Exchange Server; "google" is Gmail, "microsoft" Microsoft 365; it has a section below
address = ""                  # ann@example.com
# settings = { view = "all" } # this user's own, as in [defaults]

[users.ann.exchange]
url = ""                      # https://mail.example.com/EWS/Exchange.asmx
username = ""
password = ""                 # or password_env = "NAME", or password_file = "FILE"
auth = "basic"                # or "ntlm"
# ca = "exchange.pem"         # certificates to trust instead of the machine's

# Instead of that section, where mailbox is "google":
#[users.ann.google]
#token = ""                   # an access token for Google People; or token_env = "NAME", or token_file = "FILE"
#url = "https://people.googleapis.com"

# Instead of that section, where mailbox is "microsoft":
#[users.ann.microsoft]
#token = ""                   # an access token for Microsoft Graph; or token_env = "NAME", or token_file = "FILE"
#url = "https://graph.microsoft.com"
"""

_EXAMPLES = {
    "conflict.FIELD": "conflict.Title",
    "default.FIELD": "default.LeadSource",
    "required.FIELD": "required.Email",
}
_SAMPLES = {"conflict.FIELD": "mailbox", "default.FIELD": "Mailbox", "required.FIELD": "on"}


def template() -> str:
    """The text of a new mailsync.toml: valid TOML, every key with its default and meaning."""
    return _HEAD + "".join(map(_line, KEYS)) + _TAIL


def _line(key: Key) -> str:
    name = _EXAMPLES.get(key.name, key.name)
    value = _SAMPLES.get(key.name, key.default)
    written = value if value.isdecimal() else f'"{value}"'
    quoted = f'"{name}"' if "." in name else name
    return f"# {f'{quoted} = {written}':34}# {key.about} ({key.rule}): {key.kind.allowed}\n"
