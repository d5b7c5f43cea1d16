"""Scenes: edits on both sides (B10, B12, B13, C7)."""

from mailsync.cli.demo.stage import USER, Stage

LONG = "Senior Vice President of Practically Everything " * 4
"""192 characters; Salesforce's Title takes 128."""


def edit_both(stage: Stage) -> None:
    """B10: updates flow both ways, field by field, even within one contact."""
    stage.says("In Outlook: Jonas Abernathy gets a mobile number, Oleg Vasquez a job title.")
    stage.outlook.edit("Jonas Abernathy", {"MobilePhone": "(512) 555-0133"})
    stage.outlook.edit("Oleg Vasquez", {"JobTitle": "Head of Logistics"})
    stage.says("In Salesforce: Tess Hallorann gets a title, and Jonas a department.")
    stage.ann.edit("Tess Hallorann", {"Title": "Plant Manager"})
    stage.ann.edit("Jonas Abernathy", {"Department": "Treasury"})
    stage.sync()
    stage.expect(
        stage.record("Jonas Abernathy").get("MobilePhone") == "(512) 555-0133", "B10: the mobile number went up"
    )
    stage.expect(stage.record("Oleg Vasquez").get("Title") == "Head of Logistics", "B10: the job title went up")
    stage.expect(stage.item("Tess Hallorann").get("Title") == "Plant Manager", "B10: the title came down")
    stage.expect(
        stage.item("Jonas Abernathy").get("Department") == "Treasury", "B10: both edits of Jonas are on both sides"
    )


def settle_conflict(stage: Stage) -> None:
    """B12: the same field on both sides: Salesforce wins by default, the loser is in the history."""
    stage.says("The title of Bea Montrose is changed in Outlook and, differently, in Salesforce.")
    stage.outlook.edit("Bea Montrose", {"JobTitle": "Buyer"})
    stage.ann.edit("Bea Montrose", {"Title": "Chief Buyer"})
    stage.sync()
    titles = {stage.record("Bea Montrose").get("Title"), stage.item("Bea Montrose").get("Title")}
    stage.expect(titles == {"Chief Buyer"}, "B12: Salesforce's value is on both sides")
    with stage.setup() as setup:
        lost = [c.lost for e in setup.store.history(USER) for c in e.fields.values() if c.lost]
    stage.expect("Buyer" in lost, "B12 L5: the value that lost is in the history")


def cut_value(stage: Stage) -> None:
    """B13: a value too long for Salesforce is cut there, and the cut does not flow back."""
    stage.says(f"Ann gives Yuki Thorvald a job title of {len(LONG.strip())} characters.")
    stage.outlook.edit("Yuki Thorvald", {"JobTitle": LONG.strip()})
    report = stage.sync()
    stage.expect(len(stage.record("Yuki Thorvald").get("Title", "")) <= 128, "B13: Salesforce holds what fits")
    stage.expect(any(i.rule == "B13" for i in report.issues), "B13: an issue says so")
    stage.sync()
    stage.expect(stage.item("Yuki Thorvald").get("Title") == LONG.strip(), "B13: the cut did not flow back")


def answer_hold(stage: Stage) -> None:
    """B2 C7: a possible duplicate waits for a person's answer."""
    stage.says("Ann types another Marta Lindqvist, at another company, with another address.")
    stage.outlook.create(
        {
            "DisplayName": "Marta Lindqvist (studio)",
            "GivenName": "Marta",
            "Surname": "Lindqvist",
            "CompanyName": "Initech International Holdings",
            "EmailAddress1": "marta@lindqvist-studio.example",
        }
    )
    report = stage.sync()
    stage.expect(report.status == "held", "B2: it may be the same person, so nothing was created")
    names = [h.name for h in report.holds if h.rule == "B2"]
    stage.expect(len(names) == 1, "C7: one question waits for an answer")
    stage.says("She answers: reject, these are two people.")
    with stage.setup() as setup:
        for name in names:
            setup.store.answer(USER, name, "reject")
    report = stage.sync()
    stage.expect(stage.ann.has("Marta Lindqvist") == 2, "C7: it was created as new")
    stage.expect(not report.holds, "C7: the question is answered")


def merge_records(stage: Stage) -> None:
    """B16: merged in Salesforce, the mailbox follows."""
    stage.says("In Salesforce the two Marta Lindqvists are merged into the elder one after all.")
    found = stage.ann.query("SELECT Id FROM Contact WHERE LastName = 'Lindqvist' ORDER BY CreatedDate, Id")
    if len(found) < 2:
        stage.expect(False, "B16: there are two to merge")
        return
    stage.ann.merge(found[0]["Id"], found[1]["Id"])
    stage.sync()
    inside = [n for n in stage.in_folder() if n.startswith("Marta Lindqvist")]
    stage.expect(len(inside) == 1, "B16: one of her is left in the folder")
    deleted = [n for n, c in stage.seen.mailbox.items() if n.startswith("Marta") and c["Folder"] == "Deleted Items"]
    stage.expect(len(deleted) == 1, "B16: the other is in Deleted Items")
    stage.expect(stage.ann.has("Marta Lindqvist") == 1, "B16: the winner lives on in Salesforce")
