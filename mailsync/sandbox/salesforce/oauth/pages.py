"""The pages that a person sees while logging in: plain HTML, no script."""

from collections.abc import Mapping
from html import escape

from mailsync.sandbox.vendor import Answer

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem;color:#181818}"
    "label,input,button{display:block;width:100%;box-sizing:border-box;font:inherit}"
    "input{margin:.2rem 0 1rem;padding:.5rem;border:1px solid #747474;border-radius:.25rem}"
    "button{margin-top:.6rem;padding:.6rem;border:1px solid #0176d3;border-radius:.25rem;background:#0176d3;color:#fff}"
    "button.plain{background:#fff;color:#014486}[role=alert]{color:#b60554}"
)
_HEADERS = {
    "content-type": "text/html;charset=UTF-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_SCOPE_TEXTS: Mapping[str, str] = {
    "api": "Manage user data via APIs",
    "web": "Manage user data via Web browsers",
    "full": "Full access",
    "refresh_token": "Perform requests at any time",
    "offline_access": "Perform requests at any time",
    "id": "Access the identity URL service",
    "profile": "Access profile information",
    "email": "Access the e-mail address",
    "address": "Access the address",
    "phone": "Access the phone number",
    "chatter_api": "Access Connect REST API resources",
    "custom_permissions": "Access custom permissions",
}


def show_log_in(action: str, username: str, complaint: str = "") -> Answer:
    """The log-in page; it posts to `action`."""
    alert = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    return show_page(
        "Log in",
        f'{alert}<form method="post" action="{escape(action)}"><input type="hidden" name="step" value="login">'
        '<label for="username">Username</label>'
        f'<input id="username" name="username" autocomplete="username" required value="{escape(username)}">'
        '<label for="pw">Password</label>'
        '<input id="pw" name="pw" type="password" autocomplete="current-password" required>'
        "<button>Log In</button></form><p>This is the sandbox: the password is the same for everybody.</p>",
    )


def show_approval(action: str, app: str, username: str, scopes: tuple[str, ...], proof: str) -> Answer:
    """The approval page: what the application asks for, Allow and Deny."""
    wanted = "".join(f"<li>{escape(_SCOPE_TEXTS.get(scope, scope))}</li>" for scope in scopes)
    return show_page(
        "Allow access?",
        f"<p><strong>{escape(app)}</strong> is asking to:</p><ul>{wanted}</ul>"
        f'<form method="post" action="{escape(action)}"><input type="hidden" name="proof" value="{escape(proof)}">'
        '<button name="step" value="allow">Allow</button><button class="plain" name="step" value="deny">Deny</button>'
        f"</form><p>You are logged in as {escape(username)}.</p>",
    )


def show_problem(code: str, description: str) -> Answer:
    """An error that may not be sent to a redirect address, because that address is not the application's."""
    text = f"error={code}&error_description={description}"
    page = show_page("We can't authorize you because of an OAuth error", f'<p role="alert">{escape(text)}</p>')
    return Answer(400, page.body, page.headers)


def show_page(title: str, content: str) -> Answer:
    body = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    return Answer(200, body.encode(), _HEADERS)
