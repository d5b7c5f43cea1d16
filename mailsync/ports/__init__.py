"""The ports: what the agent needs of a mailbox, a CRM and a store, in the core's words.

Common to both vendors' ports:
- Every method may raise errors.VendorError and its kinds. Reads are repeated by the adapter itself (retry.py);
  writes are repeated only when the request certainly was not carried out, or is conditional.
- Batched methods answer in the order of their arguments, one outcome each; a bad record never hides its neighbours.
- OutcomeUnknown from `create` means that some of the creates may have been carried out: they are looked up by
  their correlation keys (mailbox) or among own creates (CRM), never repeated blindly (B15).
- Times are aware and UTC. `requests` counts the requests that reached the vendor, without log-ins (contract.md).
"""
