"""Scenes: Bob's mailbox is Gmail and Cem's is on Office 365; the rules are the same (A3, A6, A7, A9, B10, D1, L1)."""

from mailsync.cli.demo.stage import Stage

BOB, CEM = "bob", "cem"
PERSONAL = ("Marlowe", "Bascombe", "Haversham", "Demir", "Fairweather", "Aksoy")
"""What stands in personal contacts of Bob's and Cem's, and nowhere else."""


def gmail_first(stage: Stage) -> None:
    """A3 A17: Bob's mailbox is Gmail: a label is folder and category in one."""
    stage.says("Bob's Gmail has family, friends and some business acquaintances. He starts the sync.")
    stage.clear_requests()
    report = stage.sync_of(BOB)
    labelled = stage.gmail.list_labelled()
    stage.expect(len(labelled) == 8 and report.tally.created == 8, "A3: his 8 Salesforce contacts carry the new label")
    stage.expect("Harlan Voss" in labelled, "A17: Harlan Voss is one of them")


def gmail_label(stage: Stage) -> None:
    """A7 A9 D1: a label put on takes a contact up; taken off, it is personal again."""
    stage.says("He puts the label on Suki Tanabe.")
    stage.gmail.label("Suki Tanabe")
    report = stage.sync_of(BOB)
    stage.expect(report.tally.crm_created == 1 and stage.record("Suki Tanabe"), "A7: she is in Salesforce now")
    stage.says("He takes the label off Selma Osei, and deletes Noor Haddad.")
    stage.gmail.unlabel("Selma Osei")
    stage.gmail.delete("Noor Haddad")
    stage.sync_of(BOB)
    stage.expect(stage.record("Selma Osei") and stage.record("Noor Haddad"), "D1: nothing was deleted in Salesforce")
    again = {"Selma Osei", "Noor Haddad"} <= set(stage.gmail.list_labelled())
    stage.expect(again, "D1: auto-removal is not allowed: both are created again under the label")


def gmail_lost_label(stage: Stage) -> None:
    """A3: the label deleted is a fault, never a mass deletion."""
    before = stage.gmail.list_labelled()
    stage.says("Bob deletes the label itself.")
    stage.gmail.delete_label()
    report = stage.sync_of(BOB)
    stage.expect(stage.gmail.list_labelled() == before, "A3: it is back, on the same contacts, with no second copies")
    stage.expect(report.tally.crm_deleted == 0, "A3: nothing was deleted in Salesforce for it")


def office_first(stage: Stage) -> None:
    """A3 A7 B10: Cem's mailbox is on Office 365, over Microsoft Graph."""
    stage.says("Cem gives Theodora Vance the category Salesforce, and starts the sync.")
    stage.office.categorise("Theodora Vance", ["Salesforce"])
    report = stage.sync_of(CEM)
    inside = stage.office.list_names()
    stage.expect(report.tally.created == 6, "A3: the folder is there, with his 6 Salesforce contacts")
    stage.expect("Theodora Vance" in inside, "A7: Theodora was moved into it")
    stage.expect(stage.record("Theodora Vance"), "A7: she is in Salesforce now")
    stage.says("He changes Leif Caradine's job in Outlook, and his phone number changes in Salesforce.")
    stage.office.edit("Leif Caradine", {"jobTitle": "Harbour master"})
    stage.admin.edit("Leif Caradine", {"Phone": "+1 212 555 0188"})
    stage.sync_of(CEM)
    stage.expect(stage.record("Leif Caradine").get("Title") == "Harbour master", "B10: the job went up")
    phones = stage.office.find("Leif Caradine").get("businessPhones")
    stage.expect(phones == ["+1 212 555 0188"], "B10: the number came down")


def office_delete(stage: Stage) -> None:
    """D1 D4: deletions on either side, on Office 365."""
    stage.says("Cem deletes Agnes Thistlewood in Outlook; Samir Whitlock is deleted in Salesforce.")
    stage.office.delete("Agnes Thistlewood")
    stage.admin.delete("Samir Whitlock")
    stage.sync_of(CEM)
    inside = stage.office.list_names()
    stage.expect("Agnes Thistlewood" in inside, "D1: Agnes is created again")
    stage.expect("Samir Whitlock" not in inside, "D4: Samir left the folder")


def all_idle(stage: Stage) -> None:
    """L1 A6: three mailboxes, nobody does anything."""
    for user in (BOB, CEM):
        stage.sync_of(user, told=False)
    stage.clear_requests()
    reports = [stage.sync_of(user) for user in (BOB, CEM)]
    log = stage.requests()
    wrote = [r for r in log if {"create", "update", "delete", "move"} & set(r["actions"])]
    stage.expect(not wrote, "L1: nothing was written on any side")
    stage.expect([r.requests for r in reports] == [(1, 1), (1, 1)], "1 request to Salesforce and 1 to each mailbox")
    world = str(stage.salesforce_world())
    stage.expect(not [p for p in PERSONAL if p in world], "A6: nothing personal of theirs is in Salesforce")
