"""Which Salesforce organisation a user's pairs are of. Ids of two organisations can be the same (a sandbox is a copy of
its production), so a user whose file leads to another one than before has no session until a person decides."""

from collections.abc import Mapping
from typing import Any

from mailsync.errors import OrganisationChanged
from mailsync.ports.ledger import Batch
from mailsync.session.agent import Agent, Keys


def settle_organisation(agent: Agent, fence: int, state: Mapping[str, Any]) -> None:
    """Remembers the organisation in the first session at its address; asks Salesforce then only. An organisation may
    change its address. Raises OrganisationChanged, VendorError."""
    found = confirm_organisation(agent, state)
    if found:
        changed = {Keys.ORGANISATION: found, Keys.ORGANISATION_AT: agent.organisation}
        agent.store.commit(agent.user, fence, Batch(state=changed), agent.clock.now())


def confirm_organisation(agent: Agent, state: Mapping[str, Any]) -> str:
    """The organisation's id, where Salesforce was asked for it; "" where nothing is new. Raises OrganisationChanged,
    VendorError."""
    if not agent.organisation or state.get(Keys.ORGANISATION_AT) == agent.organisation:
        return ""
    found, known = agent.crm.identify().organisation, state.get(Keys.ORGANISATION)
    if known and known != found:
        raise OrganisationChanged(
            f"the pairs of {agent.user} are of the Salesforce organisation {known}, the settings file leads to {found}",
            f"put the file right; or, to leave the former one: while the file still has it, run mailsync remove"
            f" {agent.user} --revert (what came from it leaves the mailbox), or take over what lies in the folder with"
            f" mailsync reset {agent.user}",
        )
    return found
