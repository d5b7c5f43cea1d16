"""Scenes: the first sync, and contacts on their way up (A3, A7, A14, A17, B2, B5, C1)."""

from mailsync.cli.demo.outlook import FOLDER
from mailsync.cli.demo.stage import Stage

PERSONAL = ("Sparrow Hill", "archer-family", "Dimitri", "Quimby", "Paloma")
"""What stands in personal contacts of the world `acme`, and nowhere else."""


def first_sync(stage: Stage) -> None:
    """A3 A5 A6 A14 A17 B2: the folder, the category, everything in scope, one match, and nothing personal."""
    stage.says("Ann has an address book with family, friends and four business acquaintances. Nothing is marked.")
    stage.says(
        "She gives Priya Ramaswamy, whom she also has in Salesforce, the category Salesforce, and starts the sync."
    )
    stage.outlook.categorise("Priya Ramaswamy", ["Salesforce"])
    stage.clear_requests()
    report = stage.sync()
    stage.expect(stage.outlook.has_folder(FOLDER), "A3: the folder Salesforce Contacts is there")
    stage.expect(len(stage.in_folder()) == 12, "A14 A17: her 12 Salesforce contacts are in it, nobody else's")
    marked = all("Salesforce" in stage.item(n)["Categories"] for n in stage.in_folder())
    stage.expect(marked, "A3: each carries the category Salesforce")
    once = stage.item("Priya Ramaswamy")["Folder"] == FOLDER and "Priya Ramaswamy (2)" not in stage.seen.mailbox
    stage.expect(once and report.tally.created == 11, "B2: Priya was matched by e-mail and moved in, not doubled")
    stage.expect(report.tally.crm_created == 0, "B2: nothing was created in Salesforce")
    sent = [r for r in stage.requests() if r["vendor"] == "salesforce"]
    leaked = [p for p in PERSONAL if any(p in str(r["request"]) + r["path"] + r["query"] for r in sent)]
    stage.expect(sent and not leaked, "A6: not a byte of a personal contact went to Salesforce")


def mark_newcomers(stage: Stage) -> None:
    """A7 B5: category or drag-in creates a Salesforce contact, and its account is found by the company's name."""
    stage.says("Ann sets the category on Tom Okonkwo (company Globex) where he is, outside the folder.")
    stage.outlook.categorise("Tom Okonkwo", ["Salesforce"])
    stage.says("She drags Nora Sandoval (company Initech) and Vera Lindgren (company Stark) into the folder.")
    stage.outlook.move("Nora Sandoval", "Contacts", FOLDER)
    stage.outlook.move("Vera Lindgren", "Contacts", FOLDER)
    stage.says("She types a new contact into the folder: Ida Winter, company Umbrella.")
    stage.outlook.create(
        {
            "DisplayName": "Ida Winter",
            "GivenName": "Ida",
            "Surname": "Winter",
            "CompanyName": "Umbrella",
            "EmailAddress1": "ida.winter@umbrella.example",
            "BusinessPhone": "919-555-0102",
        }
    )
    report = stage.sync()
    stage.expect(stage.item("Tom Okonkwo").get("Folder") == FOLDER, "A7: Tom was moved into the folder")
    marked = all(
        "Salesforce" in stage.item(n).get("Categories", "") for n in ("Nora Sandoval", "Vera Lindgren", "Ida Winter")
    )
    stage.expect(marked, "A7: what was dragged or typed into the folder has the category")
    stage.expect(report.tally.crm_created == 4, "A7: each has a Salesforce contact now")
    globex = stage.admin.query("SELECT Id FROM Account WHERE Name = 'Globex' ORDER BY CreatedDate, Id")
    tom = stage.ann.find("Tom Okonkwo")
    stage.expect(tom["AccountId"] == globex[0]["Id"], "B5.2: of two accounts named Globex, Tom is linked to the elder")
    stage.expect(stage.record("Ida Winter").get("Account") == "Umbrella", "B5.2: Ida is linked to the exact name")
    nora = stage.record("Nora Sandoval").get("Account")
    stage.expect(
        nora == "Initech International Holdings", "B5.3: Nora is linked to the only name that contains Initech"
    )
    vera = stage.record("Vera Lindgren")
    stage.expect(vera and not vera["Account"], "B5.4: two names contain Stark, so Vera has no account")
    stage.expect(stage.item("Vera Lindgren").get("Company") == "Stark", "B5: the company stays as Ann typed it")


def mend_error(stage: Stage) -> None:
    """B1 C1: a contact that Salesforce can't take is marked with an error category until it is mended."""
    stage.says("Ann types a contact without a last name: Juniper.")
    stage.outlook.create({"DisplayName": "Juniper", "GivenName": "Juniper", "MobilePhone": "212-555-0114"})
    report = stage.sync()
    stage.expect(any(i.rule == "B1" for i in report.issues), "B1: an issue says that the last name is missing")
    stage.expect("Sync Error" in stage.item("Juniper").get("Categories", ""), "C1: it carries the category Sync Error")
    stage.says("She adds the last name Okafor.")
    stage.outlook.edit("Juniper", {"Surname": "Okafor", "DisplayName": "Juniper Okafor"})
    report = stage.sync()
    stage.expect(stage.record("Juniper Okafor"), "B8: the contact is in Salesforce")
    cured = "Sync Error" not in stage.item("Juniper Okafor").get("Categories", "Sync Error")
    stage.expect(cured and not report.issues, "C1: the error category and the issue are gone")


def restore_category(stage: Stage) -> None:
    """A8: in the folder the category can't be lost."""
    stage.says("Ann takes the category off Marta Lindqvist, in the folder.")
    stage.outlook.categorise("Marta Lindqvist", [], FOLDER)
    stage.sync()
    stage.expect(
        "Salesforce" in stage.item("Marta Lindqvist").get("Categories", ""), "A8: it is back, she stays synced"
    )
