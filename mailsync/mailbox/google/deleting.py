"""Removing contacts: 500 a request, into Google's trash."""

from collections.abc import Sequence

from mailsync.core.refs import ItemId
from mailsync.mailbox.google.answers import Fault, Rejected
from mailsync.mailbox.google.batches import judge, send_parts
from mailsync.mailbox.google.channel import Channel, Effect
from mailsync.mailbox.google.persons import get_persons, is_name
from mailsync.mapping.table import Table
from mailsync.ports.outcomes import Missing, Outcome, Refusal, Written

DELETED_AT_ONCE = 500

Numbered = tuple[int, ItemId]


def delete_contacts(channel: Channel, table: Table, items: Sequence[ItemId]) -> list[Outcome]:
    """batchDeleteContacts: they lie in the trash for 30 days, where a person finds them and no program does. An item
    that is named twice is missing the second time. Raises OutcomeUnknown where contacts may have been removed,
    VendorError where none was.
    """
    first = {item: place for place, item in reversed(list(enumerate(items)))}
    ready = [(p, i) for p, i in enumerate(items) if first[i] == p and is_name(i)]
    outcomes: dict[int, Outcome] = {p: Missing() for p in range(len(items)) if (p, items[p]) not in ready}

    def refuse(one: Numbered, fault: Fault) -> None:
        # It is there, whatever Google says: its 404 is no deletion (D7).
        denied = Refusal("NOT_REMOVED", "Google did not remove it", transient=True)
        outcomes[one[0]] = denied if fault.status == 404 else judge(table, fault, {})

    send_parts(ready, DELETED_AT_ONCE, lambda part: _delete(channel, part, outcomes), refuse, outcomes, lambda o: o[0])
    return [outcomes[n] for n in range(len(items))]


def _delete(channel: Channel, part: Sequence[Numbered], outcomes: dict[int, Outcome]) -> None:
    """One request. Where Google refuses it, the contacts are asked about: those that are gone already are missing, the
    others are sent by themselves. Raises Rejected where that tells nothing new.
    """
    body = {"resourceNames": [i for _, i in part]}
    try:
        channel.ask(channel.people.batchDeleteContacts(body=body), Effect.WRITE)
    except Rejected:
        present = get_persons(channel, [i for _, i in part], ("metadata",))
        rest = [(p, i) for p, i in part if present.get(i) is not None]
        if len(rest) == len(part):
            raise
        outcomes.update({p: Missing() for p, i in part if present.get(i) is None})
        if rest:
            _delete(channel, rest, outcomes)
        return
    outcomes.update({p: Written(i) for p, i in part})
