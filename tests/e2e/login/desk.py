"""`mailsync connect` in a process of its own, with a person at a browser beside it."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.cli.desk import spawn
from tests.e2e.login.browser import Browser

ADDRESS = re.compile(r"(https?://\S+)")


@dataclass
class Connecting:
    """One `connect` under way."""

    process: subprocess.Popen[str]

    def read_address(self) -> str:
        """The address that it asks the person to open."""
        assert self.process.stderr is not None
        said = ""
        for line in self.process.stderr:
            said += line
            found = ADDRESS.search(line)
            if found:
                return found[1]
        raise AssertionError(f"no address: {said}{self.process.communicate(timeout=5)}")

    def end(self, code: int = 0, said: str = "") -> Any:
        """The JSON document at the end; fails unless it ends with `code`."""
        out, err = self.process.communicate(said or None, timeout=30)
        assert self.process.returncode == code, (self.process.returncode, out, err)
        assert "Traceback" not in err
        return json.loads(out) if out.strip() else None


def connect(config: Path, user: str, vendor: str, *options: str, feed: bool = False) -> Connecting:
    """Starts it; with `feed` something is typed into its stdin."""
    return Connecting(
        spawn(
            ["--config", str(config), "connect", user, vendor, *options, "--json"],
            stdin=subprocess.PIPE if feed else None,
        )
    )


def salesforce_browser(username: str = "ann@acme.example") -> Browser:
    """Somebody who logs in to Salesforce and allows what is asked."""
    return Browser({"username": username, "pw": "sandbox", "step": "allow"})
