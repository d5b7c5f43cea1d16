"""The ladder of B2: which Salesforce record, if any, a mailbox item already is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailsync.core.account import same_company
from mailsync.core.changes import Item, Record
from mailsync.core.pair import Pair
from mailsync.core.person import Values, text
from mailsync.core.policy import Several
from mailsync.core.refs import RecordId


@dataclass(frozen=True, slots=True)
class Same:
    """Exactly one unpaired record is this person: pair with it."""

    record: Record
    reason: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The record that this person is has an item already."""

    pair: Pair
    record: Record


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It may be one of these: someone must say."""

    record: Record  # the one that is shown
    reason: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """No record is this person."""


Match = Same | Taken | Doubtful | Nobody


def folded_name(values: Values) -> tuple[str, str]:
    """First and last name as they are compared: white space collapsed, case folded."""
    first, last = (" ".join(text(values, n).split()).casefold() for n in ("FirstName", "LastName"))
    return first, last


def addresses(item: Item) -> frozenset[str]:
    """All e-mail addresses of an item, case folded."""
    return frozenset(a.strip().casefold() for a in (*item.emails, text(item.values, "Email")) if a.strip())


def address(values: Values) -> str:
    """A record's e-mail address, case folded."""
    return text(values, "Email").strip().casefold()


def names_agree(one: Values, other: Values) -> bool:
    """No different first or last name where both are filled (B2(2))."""
    return all(a == b or not a or not b for a, b in zip(folded_name(one), folded_name(other), strict=True))


def match(item: Item, candidates: Sequence[Record], paired: Mapping[RecordId, Pair], several: Several) -> Match:
    """Decides for one item among all candidates of the session. Pure; the order of candidates does not matter."""
    wanted = addresses(item)
    by_address = sorted((r for r in candidates if address(r.values) in wanted), key=_elder)
    by_name = sorted((r for r in candidates if _namesake(item, r, paired.get(r.id))), key=_elder)
    if not by_address:
        return _several(by_name, paired, several, "same name and company") if by_name else Nobody()
    agreeing = [r for r in by_address if names_agree(item.values, r.values)]
    match (len(by_address), agreeing):
        case (1, [only]):
            return _one(only, paired, "the only Contact with this e-mail address")
        case (_, []):
            return Doubtful(by_address[0], "same e-mail address, another name")
        case _:
            return _several(agreeing, paired, several, "several Contacts with this e-mail address")


def _elder(record: Record) -> tuple[str, str]:
    return record.created.isoformat(), record.id


def _namesake(item: Item, record: Record, pair: Pair | None) -> bool:
    """Same name and company; a company that was typed but found no Account is known to the pair alone."""
    mine, theirs = folded_name(item.values), folded_name(record.values)
    known = [text(record.values, "Company"), *([text(pair.mailbox.values, "Company")] if pair else [])]
    return any(mine) and mine == theirs and any(same_company(text(item.values, "Company"), c) for c in known)


def _one(record: Record, paired: Mapping[RecordId, Pair], reason: str) -> Match:
    pair = paired.get(record.id)
    return Taken(pair, record) if pair else Same(record, reason)


def _several(records: Sequence[Record], paired: Mapping[RecordId, Pair], several: Several, reason: str) -> Match:
    """B2(3). A single namesake is as doubtful as several; a setting may choose among those that are free."""
    free = [r for r in records if r.id not in paired]
    if not free:
        return Taken(paired[records[0].id], records[0])
    match several:
        case Several.HOLD:
            return Doubtful(free[0], reason)
        case Several.MOST_RECENT:
            return Same(max(free, key=lambda r: (r.version, r.id)), f"{reason}; the most recently modified is taken")
        case Several.OLDEST:
            return Same(free[0], f"{reason}; the oldest is taken")
