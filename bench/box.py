"""The sandbox as the other end of a benchmark: a process of its own, whose cost is not ours, and its log."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cost import ROOT


@dataclass(frozen=True, slots=True)
class Box:
    """A sandbox that answers at `url`; `config` is a settings file for its people; `home` is free for files."""

    url: str
    config: Path
    home: Path

    def ask(self, method: str, path: str, content: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """One request of somebody else than the agent; the answer's JSON, or its text."""
        body = content if isinstance(content, bytes) or content is None else json.dumps(content).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(f"{self.url}{path}", body, given, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310 - loopback
            text = answer.read()
        return json.loads(text) if text[:1] in (b"{", b"[") else text.decode()

    def forget(self) -> None:
        """Clears the log."""
        self.ask("DELETE", "/sandbox/requests")

    def log(self, *, bodies: bool = False) -> list[dict[str, Any]]:
        """The requests since then that were no log-in challenge."""
        found = self.ask("GET", f"/sandbox/requests{'?bodies=1' if bodies else ''}")
        return [r for r in found if r["status"] != 401]

    def count(self) -> dict[str, int]:
        """How many requests each vendor answered since then."""
        return dict(Counter(r["vendor"] for r in self.log()))


@contextmanager
def standing(world: Mapping[str, Any]) -> Generator[Box]:
    """A sandbox with this world while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="mailsync-bench-") as place:
        home = Path(place)
        made = home / "world.json"
        made.write_text(json.dumps(world), encoding="utf-8")
        config = home / "mailsync.toml"
        words = [sys.executable, "-m", "mailsync", "sandbox", "--port", "0", "--world", str(made)]
        with subprocess.Popen(
            [*words, "--config-out", str(config)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as served:
            assert served.stdout is not None
            line = served.stdout.readline().split()
            assert line, "the sandbox did not start"
            try:
                yield Box(line[1], config, home)
            finally:
                served.terminate()
