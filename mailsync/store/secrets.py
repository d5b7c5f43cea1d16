"""The key file, and what is encrypted with it: log-ins stored by commands (docs/decisions/0003).

The file holds one key a line; the first encrypts, all of them decrypt. Lines that begin with # are remarks.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from mailsync.errors import StoreError

_REMARK = (
    "# mailsync's key: whoever has it can read the log-ins kept in the store. Keep a copy apart from the store's.\n"
)
_LOST = (
    "put the key file back from its backup; if there is none, move store and key file away and log in anew: "
    "contacts are matched again, and nothing is deleted"
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The key file at `path`. Nothing of it is held in memory between calls, nor shown by repr."""

    path: Path

    def create(self) -> None:
        """Makes the file, mode 600, unless there is one. Two processes at once make one file. Raises StoreError."""
        if not self.path.exists():
            _write(self.path, [Fernet.generate_key().decode()], replace=False)

    def encrypt(self, text: str) -> str:
        """The text as a token under the first key. Raises StoreError (no key file, not a key file)."""
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The text of a token. Raises StoreError where no key of the file fits."""
        try:
            return self._box().decrypt(token.encode()).decode()
        except InvalidToken:
            raise StoreError(f"the key file {self.path} does not belong to this store", _LOST) from None

    def renew(self, token: str) -> str:
        """The same text as a token under the first key. Raises StoreError where no key of the file fits."""
        return self.encrypt(self.decrypt(token))

    def add_key(self) -> None:
        """Puts a new key first; older ones still decrypt. Raises StoreError."""
        _write(self.path, [Fernet.generate_key().decode(), *self._keys()], replace=True)

    def drop_old_keys(self) -> None:
        """Keeps the first key alone: every token must have been renewed before. Raises StoreError."""
        _write(self.path, self._keys()[:1], replace=True)

    def _box(self) -> MultiFernet:
        try:
            return MultiFernet([Fernet(key) for key in self._keys()])
        except ValueError:
            raise StoreError(f"the key file {self.path} is damaged: it holds no usable key", _LOST) from None

    def _keys(self) -> list[str]:
        try:
            mode = stat.S_IMODE(self.path.stat().st_mode)
            lines = self.path.read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            raise StoreError(f"the key file {self.path} is missing", _LOST) from None
        except UnicodeDecodeError:
            raise StoreError(f"the key file {self.path} is damaged: it holds no usable key", _LOST) from None
        except OSError as error:
            raise StoreError(f"the key file {self.path} can't be read: {error.strerror}", "give us the right") from None
        if mode & 0o037:
            raise StoreError(f"the key file {self.path} is open to others", f"close it: chmod 600 {self.path}")
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _write(path: Path, keys: list[str], *, replace: bool) -> None:
    """Writes the file as a whole: a crash leaves the old one or the new one. Raises StoreError."""
    try:
        handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600 (Python's tempfile)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(_REMARK + "".join(f"{key}\n" for key in keys))
                file.flush()
                os.fsync(file.fileno())
            if replace:
                os.replace(name, path)
            else:
                with suppress(FileExistsError):
                    os.link(name, path)  # fails where another process was faster: its key is the key
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        message = f"the key file {path} can't be written: {error.strerror}"
        raise StoreError(message, "give key_file a place that can be written") from None
