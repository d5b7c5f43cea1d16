"""The pages that a person sees while logging in: plain HTML, no script."""

from html import escape
from typing import Final

from mailsync.sandbox.google.grants import CONTACTS, DIRECTORY, EMAIL, OPENID, OTHERS, PROFILE, READ_ONLY
from mailsync.sandbox.vendor import Answer

_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:27rem;margin:3rem auto;padding:0 1rem;color:#202124}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input{margin:.2rem 0 1rem;padding:.5rem;border:1px solid #80868b;border-radius:.25rem}"
    "button{margin-top:.6rem;padding:.6rem;border:1px solid #1a73e8;border-radius:.25rem;background:#1a73e8;color:#fff}"
    "button.plain{background:#fff;color:#174ea6}[role=alert]{color:#b3261e}"
)
_HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
# Descriptions of the discovery document (auth.oauth2.scopes).
_SCOPE_TEXTS: Final = {
    CONTACTS: "See, edit, download, and permanently delete your contacts",
    READ_ONLY: "See and download your contacts",
    OTHERS: 'See and download contact info automatically saved in your "Other contacts"',
    DIRECTORY: "See and download your organization's Google Workspace directory",
    EMAIL: "See your primary Google Account email address",
    PROFILE: "See your personal info, including any personal info you've made publicly available",
    OPENID: "Associate you with your personal info on Google",
}


def show_log_in(action: str, address: str, complaint: str = "") -> Answer:
    """The log-in page; it posts to `action`."""
    alert = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    return show_page(
        "Sign in",
        f'{alert}<form method="post" action="{escape(action)}"><input type="hidden" name="step" value="login">'
        '<label for="identifier">Email</label>'
        f'<input id="identifier" name="identifier" autocomplete="username" required value="{escape(address)}">'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required>'
        "<button>Next</button></form><p>This is the sandbox: the password is the same for everybody.</p>",
    )


def show_approval(action: str, client: str, address: str, scopes: tuple[str, ...], proof: str) -> Answer:
    """The consent page: what the application asks for, Allow and Cancel."""
    wanted = "".join(f"<li>{escape(_SCOPE_TEXTS[scope])}</li>" for scope in scopes)
    return show_page(
        "Access to your Google Account",
        f"<p><strong>{escape(client)}</strong> wants to access the Google Account {escape(address)}:</p>"
        f'<ul>{wanted}</ul><form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="proof" value="{escape(proof)}">'
        '<button name="step" value="allow">Allow</button>'
        '<button class="plain" name="step" value="deny">Cancel</button></form>',
    )


def show_device(action: str, code: str, complaint: str = "") -> Answer:
    """The page on which the code of a device is typed in; who does so logs in with it."""
    alert = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    return show_page(
        "Connect a device",
        f'{alert}<form method="post" action="{escape(action)}"><label for="code">Code displayed on your device</label>'
        f'<input id="code" name="user_code" autocomplete="off" required value="{escape(code)}">'
        '<label for="identifier">Email</label><input id="identifier" name="identifier" required>'
        '<label for="password">Password</label><input id="password" name="password" type="password" required>'
        '<button name="step" value="allow">Allow</button>'
        '<button class="plain" name="step" value="deny">Cancel</button></form>',
    )


def show_problem(code: str, description: str, status: int = 400) -> Answer:
    """An error that may not be sent to a redirect address, because that address is not the application's."""
    text = f"<p>{escape(description)}</p><p>Error {status}: {escape(code)}</p>"
    page = show_page("Access blocked: authorization error", f'<div role="alert">{text}</div>')
    return Answer(status, page.body, page.headers)


def show_page(title: str, content: str) -> Answer:
    """A page of the sandbox's Google."""
    body = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return Answer(200, body.encode(), _HEADERS)
