"""The whole sandbox without its server: the vendors, their clock, the faults that stand and the log of requests."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event, RLock
from typing import Any

from mailsync.sandbox.certificate import Showing
from mailsync.sandbox.delivery import Delivery, compress, deliver
from mailsync.sandbox.faultdetails import GENERIC
from mailsync.sandbox.faults import Fault, Plan, read_fault
from mailsync.sandbox.log import Entry, RequestLog
from mailsync.sandbox.vendor import Answer, Clock, Neighbour, Refused, Request, Vendor
from mailsync.sandbox.world import SKEW, part_of, read_skew

VendorMaker = Callable[[Clock], Vendor]

_HARMLESS = frozenset({"read", "changes"})

logger = logging.getLogger(__name__)


class Sandbox:
    """The vendors behind one lock. `changed` is set by whatever may have changed the world, for who keeps it."""

    def __init__(self, makers: Sequence[VendorMaker], world: Mapping[str, Any], *, compressing: bool = True) -> None:
        """Loads the world into the vendors. Raises Refused, naming the key of the world that is wrong."""
        self.clock = Clock()
        self.log = RequestLog()
        self.faults = Plan()
        self.lock = RLock()
        self.changed = Event()
        self.showing: Showing | None = None  # which certificate connections are shown; None without TLS
        self._makers = tuple(makers)
        self._compressing = compressing
        self._vendors, self._clocks = self._make_vendors(world)

    def serve(self, request: Request, received: int) -> Delivery | None:
        """Carries a request out, as far as the faults let it; `received` = bytes of its body on the wire.

        None: the path belongs to no vendor.
        """
        with self.lock:
            vendor = next((vendor for vendor in self._vendors if vendor.serves(request.path)), None)
            if vendor is None:
                return None
            now = self.clock.now()
            skew = self._clocks[vendor.name].ahead
            call = vendor.classify(request)
            fault = self.faults.take(vendor.name, call)
            served: list[Answer] = []
            delivery = self._deliver(vendor, request, fault, served)
            shown = served[0] if served and delivery.answer is None else delivery.answer
            sent = self._fit(replace(delivery, skew=delivery.skew + skew), request)
            self.log.add(
                Entry(
                    n=self.log.next_number(),
                    time=now,
                    vendor=vendor.name,
                    call=call,
                    request=request,
                    received=received,
                    status=None if shown is None else shown.status,
                    response=b"" if shown is None else shown.body,
                    sent=0 if sent.answer is None else len(sent.answer.body),
                    fault=None if fault is None else fault.kind,
                )
            )
            if fault is not None or not _HARMLESS.issuperset(call.actions):
                self.changed.set()
            return sent

    def vendor(self, name: str) -> Vendor:
        """The vendor of that name, as it is now (a reset makes new ones). Raises Refused for a name it hasn't."""
        for vendor in self._vendors:
            if vendor.name == name:
                return vendor
        known = ", ".join(vendor.name for vendor in self._vendors)
        raise Refused(f"vendor: there is no {name} here; give one of {known}")

    def add_fault(self, spec: Mapping[str, Any]) -> None:
        """Lets a fault stand. Raises Refused for one that is badly asked for, or of a kind its vendor hasn't."""
        with self.lock:
            fault = read_fault(spec)
            vendor = self.vendor(fault.vendor)
            if fault.kind == "certificate" and self.showing is None:
                raise Refused("kind: certificates are shown by a sandbox that was started with --tls only")
            if fault.kind not in GENERIC and not self._has_kind(vendor, fault):
                kinds = ", ".join(GENERIC)
                raise Refused(f"kind: {fault.vendor} has no fault {fault.kind}; every vendor has {kinds}")
            self.faults.add(fault)

    def lift_faults(self) -> int:
        """Lifts all faults, a wrong certificate too; returns how many still stood."""
        with self.lock:
            if self.showing is not None:
                self.showing.clear()
            return self.faults.clear()

    def act(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """What a person does that no API does; the answer is the vendor's. Raises Refused where it can't be done."""
        with self.lock:
            outcome = self._set_skew(user, details) if op == SKEW else self._ask_vendors(user, op, details)
            if outcome is not None:
                self.changed.set()
                return outcome
        raise Refused(f"op: no vendor knows the act {op}; docs/sandbox.md lists them")

    def advance(self, seconds: float) -> None:
        """Moves the vendors' clock on by seconds. Raises Refused for less than 0."""
        with self.lock:
            self.clock.advance(seconds)
            self.changed.set()

    def reset(self, world: Mapping[str, Any]) -> None:
        """Starts anew with another world, without faults and log; the clock goes on.

        Raises Refused, naming the key of the world that is wrong; everything then stays as it was.
        """
        with self.lock:
            self._vendors, self._clocks = self._make_vendors(world)
            self.lift_faults()
            self.log.clear()
            self.changed.set()

    def dump(self) -> dict[str, Any]:
        """Everything the vendors hold, as JSON values, one part per vendor, and by how much their clocks are off."""
        with self.lock:
            skew = {name: clock.ahead for name, clock in self._clocks.items() if clock.ahead}
            parts = {vendor.name: vendor.dump() for vendor in self._vendors}
            return {**parts, SKEW: skew} if skew else parts

    def _make_vendors(self, world: Mapping[str, Any]) -> tuple[tuple[Vendor, ...], dict[str, Clock]]:
        made = [(make(clock), clock) for make in self._makers for clock in (Clock(self.clock),)]
        clocks = {vendor.name: clock for vendor, clock in made}
        unknown = sorted(set(world) - clocks.keys() - {SKEW})
        if unknown:
            raise Refused(f"{unknown[0]}: a world has one part per vendor: {', '.join(clocks)}")
        for name, seconds in read_skew(world, clocks).items():
            clocks[name].skew(seconds)
        for vendor, _ in made:
            _load(vendor, part_of(world, vendor.name))
        _introduce([vendor for vendor, _ in made])
        return tuple(vendor for vendor, _ in made), clocks

    def _ask_vendors(self, user: str, op: str, details: Mapping[str, Any]) -> dict[str, Any] | None:
        for vendor in self._vendors:
            try:
                outcome = vendor.act(user, op, details)
            except (TypeError, ValueError, LookupError, AttributeError) as error:  # a value of a kind nobody thought of
                logger.exception("the sandbox's %s failed on the act %s", vendor.name, op)
                remedy = (
                    f"{op}: the details don't fit the act ({type(error).__name__}); docs/sandbox.md says what it takes"
                )
                raise Refused(remedy) from None
            if outcome is not None:
                return outcome
        return None

    def _set_skew(self, user: str, details: Mapping[str, Any]) -> dict[str, Any]:
        if user != "admin":
            raise Refused(f"{SKEW}: only admin can set a vendor's clock")
        name: object = details.get("vendor")
        skew = read_skew({SKEW: {str(name): details.get("seconds")}}, self._clocks)
        self._clocks[str(name)].skew(skew[str(name)])
        return {"now": self._clocks[str(name)].now().isoformat(), "seconds": skew[str(name)]}

    def _has_kind(self, vendor: Vendor, fault: Fault) -> bool:
        """Asks a vendor made for that alone, because a fault may change what its vendor holds."""
        position = self._vendors.index(vendor)
        trial = self._makers[position](self.clock)
        trial.load(part_of({}, vendor.name))
        try:
            return trial.fault(fault.kind, Request("POST", "/", "", {}, b""), fault.details) is not None
        except (TypeError, ValueError):
            given = ", ".join(fault.details)
            raise Refused(
                f"{given}: {fault.vendor}'s fault {fault.kind} takes other values; see docs/sandbox.md"
            ) from None

    def _deliver(self, vendor: Vendor, request: Request, fault: Fault | None, served: list[Answer]) -> Delivery:
        def answer_request() -> Answer:
            served.append(_answer(vendor, request))
            return served[0]

        if fault is not None and fault.kind == "certificate" and self.showing is not None:
            self.showing.show(fault.details["how"], fault.details.get("handshakes"))
            return Delivery(None)
        if fault is not None and fault.kind == "act":
            return self._act_meanwhile(answer_request, fault)
        if fault is None or fault.kind in GENERIC:
            return deliver(answer_request, fault, self._clocks[vendor.name].now())
        own = _guard(vendor, request, lambda: vendor.fault(fault.kind, request, fault.details))
        return Delivery(answer_request() if own is None else own)

    def _act_meanwhile(self, answer_request: Callable[[], Answer], fault: Fault) -> Delivery:
        """Somebody does something just before, or just after, the request is carried out; its answer goes out whole."""
        answered = answer_request() if fault.details.get("when") == "after" else None
        details = dict(fault.details["act"])
        try:
            self.act(fault.details["as"], details.pop("op"), details)
        except Refused as refusal:
            text = f"sandbox: the act of a fault can't be done: {refusal}\n"
            return Delivery(Answer(500, text.encode(), {"content-type": "text/plain; charset=utf-8"}))
        return Delivery(answered or answer_request())

    def _fit(self, delivery: Delivery, request: Request) -> Delivery:
        if delivery.answer is None or delivery.cut_short or not self._compressing:
            return delivery
        return replace(delivery, answer=compress(delivery.answer, request.headers.get("accept-encoding", "")))


def _answer(vendor: Vendor, request: Request) -> Answer:
    return _guard(vendor, request, lambda: vendor.answer(request)) or Answer(500)


def _guard(vendor: Vendor, request: Request, work: Callable[[], Answer | None]) -> Answer | None:
    """What `work` answers; the last line before the client: a vendor's bug is answered, not raised."""
    try:
        return work()
    except Exception as error:
        logger.exception("the sandbox's %s failed on %s", vendor.name, request.method)
        text = f"sandbox: {vendor.name} failed on this request ({type(error).__name__}); that is a bug of the sandbox"
        return Answer(500, text.encode(), {"content-type": "text/plain; charset=utf-8"})


def _introduce(vendors: Sequence[Vendor]) -> None:
    for vendor in vendors:
        if isinstance(vendor, Neighbour):
            vendor.meet({each.name: each for each in vendors})


def _load(vendor: Vendor, part: Mapping[str, Any]) -> None:
    try:
        vendor.load(part)
    except (TypeError, ValueError, LookupError, AttributeError) as error:  # a value of a kind nobody thought of
        logger.exception("the sandbox's %s failed on a world", vendor.name)
        remedy = f"{vendor.name}: its part of the world can't be read ({type(error).__name__})"
        raise Refused(f"{remedy}; hold it against docs/sandbox.world.schema.json") from None
