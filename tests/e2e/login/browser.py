"""A person's browser: keeps cookies, follows redirects, fills in the forms that log-in pages show."""

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Browser:
    """`answers` are what the person types or presses, by the names of fields and buttons. `verify`: a CA file."""

    answers: dict[str, str]
    verify: str | bool = True
    session: requests.Session = field(default_factory=requests.Session)

    def open(self, url: str, *, stop_at: str = "") -> requests.Response | str:
        """Follows an address to the end: the last page, or the address that begins with `stop_at`, unopened."""
        self.session.trust_env = False
        method, form = "GET", None
        for _ in range(12):
            if stop_at and url.startswith(stop_at):
                return url
            page = self.session.request(method, url, data=form, allow_redirects=False, timeout=10, verify=self.verify)
            if page.is_redirect:
                method, form, url = "GET", None, urljoin(url, page.headers["location"])
            elif (filled := self._fill(page)) is not None:
                method, form, url = "POST", filled, urljoin(url, self._action(page))
            else:
                return page
        raise AssertionError(f"{urlsplit(url).path}: the log-in goes round and round")

    def _fill(self, page: requests.Response) -> dict[str, str] | None:
        """The page's form with hidden fields kept and the person's answers; None where there is nothing to fill in."""
        if '<form method="post"' not in page.text.lower():
            return None
        inputs = re.findall(r"<(?:input|button)[^>]*>", page.text)
        named = {name: tag for tag in inputs if (name := _attribute(tag, "name"))}
        hidden = {n: _attribute(tag, "value") for n, tag in named.items() if _attribute(tag, "type") == "hidden"}
        typed = {n: self.answers[n] for n in named if n in self.answers}
        return {**typed, **hidden}

    def _action(self, page: requests.Response) -> str:
        found = re.search(r'<form[^>]*action="([^"]*)"', page.text)
        return unescape(found[1]) if found else page.url


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
