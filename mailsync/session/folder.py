"""The folder: found, made, moved back; whose it is; and what its loss means (A1, A3, A4)."""

from typing import Any

from mailsync.core.changes import FolderMark
from mailsync.core.refs import FolderId
from mailsync.errors import FolderTaken
from mailsync.ports.ledger import Batch
from mailsync.ports.mailbox import Prepared
from mailsync.session.agent import Agent, Keys


def ensure_folder(agent: Agent, fence: int, state: dict[str, Any]) -> tuple[FolderId, bool]:
    """The folder by its stored id, without a request; prepared where none is known. Raises FolderTaken."""
    known = state.get(Keys.FOLDER)
    if known:
        return FolderId(known), False
    return _settle(agent, fence, state, _prepare(agent, None))


def relocate(agent: Agent, fence: int, state: dict[str, Any]) -> tuple[FolderId, bool]:
    """The folder is not where its id says: moved back, else made again and refilled; never a deletion (A3)."""
    return _settle(agent, fence, state, _prepare(agent, FolderId(state[Keys.FOLDER])))


def _prepare(agent: Agent, known: FolderId | None) -> Prepared:
    prepared = agent.mailbox.prepare(known)
    assert prepared is not None
    return prepared


def _settle(agent: Agent, fence: int, state: dict[str, Any], prepared: Prepared) -> tuple[FolderId, bool]:
    """Checks the mark (A1), signs an unmarked folder, and stores its id before anything is put into it."""
    mine = agent.store.installation
    changed: dict[str, Any] = {Keys.FOLDER: prepared.folder}
    refill = state.get(Keys.FOLDER) not in (None, prepared.folder)
    check_mark(prepared.mark, mine)
    if prepared.mark is None or prepared.mark.generation != mine.generation:
        # A1: a generation that differs tells of a restored store: pairs are matched again, nothing is deleted.
        changed[Keys.REPAIRING] = bool(prepared.mark)
        agent.mailbox.sign(prepared.folder, mine)
    if refill:
        changed[Keys.MAILBOX_CURSOR] = None
    agent.store.commit(agent.user, fence, Batch(state=changed), agent.clock.now())
    state.update(changed)
    return prepared.folder, refill


def check_mark(found: FolderMark | None, mine: FolderMark) -> None:
    """Refuses another installation's folder until someone takes over (A1). Raises FolderTaken."""
    if found is not None and found.installation != mine.installation:
        raise FolderTaken(
            "the folder belongs to another installation of mailsync (A1)",
            "stop the other one, then run: mailsync takeover USER",
        )
