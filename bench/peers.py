"""What people would use instead, on the same people as vCards: vdirsyncer between folders and with a CardDAV server
(Radicale), unison and rclone bisync between folders. Installed by bench/install.sh."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.cost import ROOT, Cost, run_measured
from bench.worlds import make_card

ENVIRONMENT = ROOT / ".bench" / "venv" / "bin"
ALL = ("vdirsyncer", "vdirsyncer with Radicale", "unison", "rclone bisync")


@dataclass(frozen=True, slots=True)
class Peer:
    """One program and its two replicas. `changing` is the folder that is pulled from, whose cards are edited."""

    name: str
    words: Sequence[str]
    changing: Path
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    first_words: Sequence[str] = ()  # where the first run is told so

    def sync(self, *, first: bool = False) -> Cost:
        """One run."""
        words = self.first_words if first and self.first_words else self.words
        return run_measured(words, {**os.environ, **self.environ})

    def edit(self, count: int, mark: str) -> None:
        """Other titles on so many cards."""
        for number in range(count):
            place = self.changing / f"{number:06d}.vcf"
            place.write_text(make_card(number).replace("TITLE:", f"TITLE:{mark} "), newline="")


def is_installed(name: str) -> bool:
    """Whether a peer is there."""
    match name.split()[0]:
        case "vdirsyncer":
            return (ENVIRONMENT / "vdirsyncer").exists()
        case program:
            return shutil.which(program) is not None


@contextmanager
def standing(name: str, home: Path, count: int) -> Generator[Peer]:
    """A peer with so many cards in one replica and an empty other one."""
    home.mkdir()
    if name == "vdirsyncer with Radicale":
        with serving(home / "server", count) as url:
            yield _make_vdirsyncer(name, home, home / "server" / "collection-root" / "bench" / "book", url)
        return
    one, other = home / "one", home / "other"
    other.mkdir()
    fill(one, count)
    match name:
        case "vdirsyncer":
            yield _make_vdirsyncer(name, home, one, "")
        case "unison":
            words = ["unison", str(one), str(other), "-batch", "-ui", "text", "-silent"]
            yield Peer(name, words, one, {"UNISON": str(home / "state")})
        case _:
            words = ["rclone", "bisync", str(one), str(other), "--workdir", str(home / "state"), "--force"]
            environ = {"RCLONE_CONFIG": str(home / "rclone.conf")}
            yield Peer(name, words, one, environ, [*words, "--resync"])


def fill(folder: Path, count: int) -> None:
    """So many cards."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"{number:06d}.vcf").write_text(make_card(number), newline="")


def _make_vdirsyncer(name: str, home: Path, changing: Path, url: str) -> Peer:
    other = home / "other"
    other.mkdir(exist_ok=True)
    remote = (
        f'type = "carddav"\nurl = "{url}"' if url else f'type = "filesystem"\npath = "{changing}"\nfileext = ".vcf"'
    )
    config = home / "vdirsyncer.conf"
    config.write_text(
        f'[general]\nstatus_path = "{home}/status/"\n\n[pair book]\na = "one"\nb = "other"\ncollections = null\n\n'
        f'[storage one]\n{remote}\n\n[storage other]\ntype = "filesystem"\npath = "{other}"\nfileext = ".vcf"\n'
    )
    words = [str(ENVIRONMENT / "vdirsyncer"), "-c", str(config)]
    subprocess.run([*words, "discover"], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return Peer(name, [*words, "sync"], changing)


@contextmanager
def serving(home: Path, count: int) -> Generator[str]:
    """Radicale with a book of so many cards, on a free port of this machine."""
    book = home / "collection-root" / "bench" / "book"
    fill(book, count)
    (book / ".Radicale.props").write_text('{"tag": "VADDRESSBOOK"}')
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [str(ENVIRONMENT / "radicale"), "--hosts", f"127.0.0.1:{port}", "--auth-type", "none"]
    options = ["--storage-filesystem-folder", str(home), "--logging-level", "error"]
    with subprocess.Popen([*words, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _await(port)
            yield f"http://127.0.0.1:{port}/bench/book/"
        finally:
            server.terminate()


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("Radicale did not start")
