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
# The app that people log in through (mailsync connect USER salesforce), registered with http://127.0.0.1:8765/callback:
# client_id = ""
# client_secret = ""          # or client_secret_env = "NAME", or client_secret_file = "FILE"
# private_key_file = "app.pem" # instead: the app acts for each user (JWT bearer), and nobody needs to log in
# login_url = "https://login.salesforce.com" # where the app logs in; left out: url, the organisation's own address
# redirect_port = 8765
# sessions_per_minute = 600     # of all users together, whatever the workers could do; left out: no limit

# Further organisations have these sections once more below a name, by which their users say where they belong.
#[organisations.globex.salesforce]
#url = ""
#[organisations.globex.defaults] # over [defaults]; [organisations.globex.google] and .microsoft over those below
#region = "DE"

# For mailboxes of Gmail: a desktop client, or a service account with domain-wide delegation.
#[google]
#client_id = ""
#client_secret = ""
#service_account_file = "key.json" # instead: nobody needs to log in

# For mailboxes of Microsoft 365: an application of Entra ID.
#[microsoft]
#client_id = ""
#tenant = "contoso.onmicrosoft.com"
#client_secret = ""          # or certificate_file = "app.pem"; with either the application acts for each user

# What one process of `mailsync serve` or `mailsync worker` does.
#[worker]
#sessions = 8                 # at once
#grace = 30                   # seconds that sessions get to end once it is asked to stop

# A log-in that sees all contacts of the organisation ("View All") spares idle users their calls of Salesforce. It is
# asked for ids, owners and times, never for names or values.
#[feed]
#user = "ann"                 # one of the users below; or username = "…" (with private_key_file above), or a token:
#token = ""                   # or token_env = "NAME", or token_file = "FILE"
#minutes = 3                  # between two readings
#enabled = true

# One table for each user; copy it for the next one. The name is what commands call the user.
[users.ann]
mailbox = "exchange"          # Exchange Server; "google" is Gmail, "microsoft" Microsoft 365; it has a section below
address = ""                  # ann@example.com
# salesforce_token = ""       # an access token instead of a log-in; or salesforce_token_env, salesforce_token_file
# salesforce_username = ""    # for private_key_file, where it is not the address
# settings = { view = "all" } # this user's own, as in [defaults]
#organisation = "globex"      # of [organisations.globex]; left out: that of [salesforce]

[users.ann.exchange]
url = ""                      # https://mail.example.com/EWS/Exchange.asmx
username = ""
# password = ""               # or password_env, password_file; left out: mailsync connect ann exchange
auth = "basic"                # or "ntlm"
# impersonate = true          # the log-in is a service account's with the role ApplicationImpersonation
# ca = "exchange.pem"         # certificates to trust instead of the machine's

# Instead of that section, where mailbox is "google":
#[users.ann.google]
#token = ""                   # an access token instead of a log-in; or token_env = "NAME", or token_file = "FILE"
#url = "https://people.googleapis.com"

# Instead of that section, where mailbox is "microsoft":
#[users.ann.microsoft]
#token = ""                   # an access token instead of a log-in; or token_env = "NAME", or token_file = "FILE"
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
