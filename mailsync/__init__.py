"""mailsync keeps a person's mailbox address book and their Salesforce contacts in step, both ways."""

__version__ = "0.1.0"
