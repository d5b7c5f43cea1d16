"""Every call of a session's ports passes here: counted, told, spoilt where the script says so, and watched."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import ismethod
from typing import Any, Protocol

from mailsync.errors import AnswerBroken, LoginRefused, OutcomeUnknown, StoreError, Throttled, Unreachable
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Stale, Written

WRITES = frozenset({"create", "update", "delete", "move", "remove", "create_account", "sign"})
STORE = frozenset({"commit", "begin", "finish"})
READS = frozenset(
    {
        *("changes", "read", "fates", "candidates", "accounts", "own_creates", "own_accounts"),
        *("find", "find_keys", "prepare", "identify"),
    }
)
PASSED = WRITES | STORE | READS
SETS = frozenset({set, frozenset})
"""What has no order of its own: it is put in order, or a seed would not give the same history in every process."""


class Killed(BaseException):
    """The process was killed here."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong at a session's n-th call of any port."""

    at: int
    kind: str


class Watcher(Protocol):
    """Sees every call to a vendor, and every write before and after it is carried out."""

    def asks(self, port: str, name: str, args: Sequence[Any]) -> None: ...
    def keeps(self, name: str, args: Sequence[Any], answer: Any) -> None: ...
    def before(self, port: str, name: str, args: Sequence[Any]) -> Any: ...
    def after(self, port: str, name: str, args: Sequence[Any], answer: Any, seen: Any) -> None: ...


class Blind:
    """Sees nothing."""

    def asks(self, port: str, name: str, args: Sequence[Any]) -> None: ...
    def keeps(self, name: str, args: Sequence[Any], answer: Any) -> None: ...
    def before(self, port: str, name: str, args: Sequence[Any]) -> Any: ...
    def after(self, port: str, name: str, args: Sequence[Any], answer: Any, seen: Any) -> None: ...


@dataclass(slots=True)
class Gate:
    """One session's way to its ports."""

    troubles: Mapping[int, str]
    tell: Callable[[str], None]
    watcher: Watcher
    tick: Callable[[], None]
    between: Callable[[str], None]  # an act of somebody else, by its text
    late: Callable[[Callable[[], Any]], None]  # carried out minutes later
    calls: int = 0
    writes: int = 0  # calls that were to write something to a vendor
    spoilt: list[str] = field(default_factory=list[str])

    def call(self, port: str, name: str, inner: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        """Passes a call on, spoilt or not."""
        self.calls += 1
        self.tick()
        args = tuple(sorted(a) if type(a) in SETS else a for a in args)
        writes = name in WRITES and port != "store"
        if writes and (name == "sign" or not isinstance(args[0], Collection) or len(args[0])):
            self.writes += 1
        trouble = self.troubles.get(self.calls, "")
        if trouble.startswith("act "):
            self.between(trouble.removeprefix("act "))
            trouble = ""
        if trouble:
            trouble = self._fitting(trouble, port, name)
        if trouble:
            self.spoilt.append(f"{trouble} at {port}.{name}")
            self.tell(f"    ! {trouble} at {port}.{name}, call {self.calls}")
        if port != "store":
            self.watcher.asks(port, name, args)
        return self._spoil(trouble, port, name, lambda some: self._carry(port, name, inner, some, more), args)

    def _fitting(self, trouble: str, port: str, name: str) -> str:
        """What such a trouble is at this call; "" where it can't be."""
        if trouble.startswith("kill"):
            return trouble
        if port == "store":
            return trouble if name == "commit" else ""
        if name in WRITES:
            return "unreachable" if trouble == "broken" else trouble
        return "unreachable" if trouble in ("lost", "cut", "late") else trouble

    def _carry(
        self, port: str, name: str, inner: Callable[..., Any], args: tuple[Any, ...], more: Mapping[str, Any]
    ) -> Any:
        """Really calls."""
        if name not in WRITES or port == "store":
            answer = inner(*args, **more)
            if port == "store":
                self.watcher.keeps(name, args, answer)
            return answer
        seen = self.watcher.before(port, name, args)
        answer = inner(*args, **more)
        self.watcher.after(port, name, args, answer, seen)
        return answer

    def _spoil(
        self, trouble: str, port: str, name: str, carry: Callable[[tuple[Any, ...]], Any], args: tuple[Any, ...]
    ) -> Any:
        if trouble == "kill before":
            raise Killed
        if trouble in ("", "kill after"):
            answer = carry(args)
            if trouble:
                raise Killed
            return answer
        if port == "store":
            if name == "commit":
                raise StoreError("another process is writing to the store", "wait until it is done, then try again")
            return carry(args)
        return self._fail(trouble, port, name, carry, args)

    def _fail(
        self, trouble: str, port: str, name: str, carry: Callable[[tuple[Any, ...]], Any], args: tuple[Any, ...]
    ) -> Any:
        vendor = "salesforce" if port == "crm" else "exchange"
        match trouble:
            case "throttled":
                raise Throttled(vendor, "too many requests", after=60)
            case "login":
                raise LoginRefused(vendor, "the token was refused")
            case "lost" | "cut" | "late" if name in WRITES:
                return self._lose(trouble, port, name, carry, args)
            case "broken" if name in READS:
                raise AnswerBroken(vendor, "the answer was cut")
            case _:
                raise Unreachable(vendor, "no answer")

    def _lose(
        self, trouble: str, port: str, name: str, carry: Callable[[tuple[Any, ...]], Any], args: tuple[Any, ...]
    ) -> Any:
        """Carried out, wholly, in part or later, but the answer is lost. What is conditional was repeated by then."""
        vendor = "salesforce" if port == "crm" else "exchange"
        if name in ("sign", "create_account"):
            carry(args)
            raise Unreachable(vendor, "no answer") if name == "sign" else OutcomeUnknown(vendor, "no answer")
        batch, rest = list(args[0]), args[1:]
        if name == "create":
            done = batch[: len(batch) // 2] if trouble == "cut" else batch
            if trouble == "late" and port == "crm":
                self.late(lambda: carry((batch, *rest)))
            elif done:
                carry((done, *rest))
            raise OutcomeUnknown(vendor, "no answer")
        if trouble == "cut":
            half = len(batch) // 2
            answers = list(carry((batch[:half], *rest))) if half else []
            return [*answers, *(Refusal("UNABLE_TO_LOCK_ROW", "busy", transient=True) for _ in batch[half:])]
        again: Outcome = Stale() if name == "update" else Missing()
        return [again if isinstance(a, Written) else a for a in carry(args)]


class Gated:
    """A port behind the gate."""

    def __init__(self, inner: Any, port: str, gate: Gate) -> None:
        self._inner = inner
        self._port = port
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        if name not in PASSED:
            if ismethod(inner):
                self.__dict__[name] = inner  # what it answers may change, the method does not
            return inner
        port, gate = self._port, self._gate

        def passed(*args: Any, **more: Any) -> Any:
            return gate.call(port, name, inner, args, more)

        self.__dict__[name] = passed
        return passed
