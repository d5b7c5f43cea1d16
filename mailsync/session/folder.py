"""The folder: found, made, moved back; whose it is; and what its loss means (A1, A3, A4)."""

from collections.abc import Mapping
from typing import Any

from mailsync.core.changes import FolderMark
from mailsync.core.refs import FolderId
from mailsync.errors import FolderTaken
from mailsync.ports.ledger import Batch
from mailsync.ports.mailbox import Prepared
from mailsync.session.agent import Agent, Keys


def ensure_folder(agent: Agent, fence: int, state: dict[str, Any]) -> tuple[FolderId, bool]:
    """The folder by its stored id, without a request, and whether it is still being refilled (A3); prepared where
    none is known. Raises FolderTaken.
    """
    known = state.get(Keys.FOLDER)
    if known:
        return FolderId(known), bool(state.get(Keys.REFILL))
    return _settle(agent, fence, state, _prepare(agent, None))


def relocate(agent: Agent, fence: int, state: dict[str, Any]) -> tuple[FolderId, bool]:
    """The folder is not where its id says: moved back, else made again and refilled; never a deletion (A3)."""
    return _settle(agent, fence, state, _prepare(agent, FolderId(state[Keys.FOLDER])))


def is_in_place(agent: Agent, folder: FolderId, state: Mapping[str, Any]) -> bool:
    """Whether the folder is still there, asked of the mailbox itself, and ours (A1). Raises FolderTaken."""
    prepared = agent.mailbox.prepare(folder, create=False)
    if prepared is None or prepared.folder != folder:
        return False
    confirm_mark(agent, folder, prepared.mark, state)
    return True


def foresee(agent: Agent, state: dict[str, Any]) -> tuple[FolderId | None, bool]:
    """The folder that the next session would find (None: it would make one), and whether it would refill it. Writes
    nothing; `state` learns what that session would know. Raises FolderTaken."""
    known = state.get(Keys.FOLDER)
    prepared = agent.mailbox.prepare(FolderId(known) if known else None, create=False)
    lost = bool(known) and (prepared is None or prepared.folder != known)
    if prepared is not None:
        check_mark(prepared.mark, agent.store.installation)
        state[Keys.REPAIRING] = _is_repairing(agent, state, prepared.mark)
    return (prepared.folder if prepared else None), lost or bool(state.get(Keys.REFILL))


def _prepare(agent: Agent, known: FolderId | None) -> Prepared:
    prepared = agent.mailbox.prepare(known)
    assert prepared is not None
    return prepared


def _settle(agent: Agent, fence: int, state: dict[str, Any], prepared: Prepared) -> tuple[FolderId, bool]:
    """Checks the mark (A1), signs an unmarked folder, and stores its id before anything is put into it."""
    mine = agent.store.installation
    check_mark(prepared.mark, mine)
    changed: dict[str, Any] = {
        Keys.FOLDER: prepared.folder,
        Keys.REPAIRING: _is_repairing(agent, state, prepared.mark),
        Keys.REFILL: bool(state.get(Keys.REFILL)) or state.get(Keys.FOLDER) not in (None, prepared.folder),
    }
    if changed[Keys.REFILL] or prepared.restored:
        # Moved back, it is listed anew: what was read while it lay in Deleted Items seemed to be out of the folder.
        changed[Keys.MAILBOX_CURSOR] = None
    if prepared.mark is None:
        agent.mailbox.sign(prepared.folder, mine)
    agent.store.commit(agent.user, fence, Batch(state=changed), agent.clock.now())
    state.update(changed)
    if prepared.mark is not None:
        confirm_mark(agent, prepared.folder, prepared.mark, state)
    return prepared.folder, changed[Keys.REFILL]


def _is_repairing(agent: Agent, state: Mapping[str, Any], mark: FolderMark | None) -> bool:
    """A1: a generation that differs, on a folder that this store knows nothing of, tells of a lost or restored store:
    pairs are matched again, nothing is deleted."""
    differs = mark is not None and mark.generation != agent.store.installation.generation
    return bool(state.get(Keys.REPAIRING)) or (differs and not state.get(Keys.FOLDER))


def confirm_mark(agent: Agent, folder: FolderId, mark: FolderMark | None, state: Mapping[str, Any]) -> None:
    """A1: the mark as it was reported (None: it was not). While re-pairing it becomes ours; a generation that is not
    ours is otherwise that of a second agent, such as a copy of this installation. Raises FolderTaken.
    """
    mine = agent.store.installation
    check_mark(mark, mine)
    if mark is None or mark.generation == mine.generation:
        return
    if not state.get(Keys.REPAIRING):
        raise FolderTaken(
            "the folder belongs to another copy of this installation (A1)",
            "stop the other one, then run: mailsync takeover USER",
        )
    agent.mailbox.sign(folder, mine)


def check_mark(found: FolderMark | None, mine: FolderMark) -> None:
    """Refuses another installation's folder until someone takes over (A1). Raises FolderTaken."""
    if found is not None and found.installation != mine.installation:
        raise FolderTaken(
            "the folder belongs to another installation of mailsync (A1)",
            "stop the other one, then run: mailsync takeover USER",
        )
