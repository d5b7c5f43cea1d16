"""Scenes: contacts that leave – moved out, deleted, out of scope, the folder itself (A3, A9, A18, D1, D4, D8, E5)."""

from mailsync.cli.changes import change_settings
from mailsync.cli.demo.outlook import FOLDER
from mailsync.cli.demo.snapshot import plain
from mailsync.cli.demo.stage import USER, Stage


def leave_kept(stage: Stage) -> None:
    """A9 D1 with auto_removal=not-allowed (default): what leaves the folder comes back, Salesforce loses nothing."""
    stage.says("Ann drags Ruben Castellan into her folder Family, and deletes Lucia Benedetti.")
    stage.outlook.move("Ruben Castellan", FOLDER, "Family")
    stage.outlook.delete(["Lucia Benedetti"])
    report = stage.sync()
    moved = [c for n, c in stage.seen.mailbox.items() if n.startswith("Ruben") and c["Folder"] == "Family"]
    stage.expect(moved and "Salesforce" not in moved[0]["Categories"], "A9: the one in Family is personal again")
    back = [n for n in stage.in_folder() if n.startswith(("Ruben", "Lucia"))]
    stage.expect(len(back) == 2, "D1: both are in the folder again, with Salesforce's values")
    stage.expect(
        report.tally.crm_deleted == 0 and stage.ann.has("Lucia Benedetti") == 1, "D1: nothing was deleted in Salesforce"
    )


def leave_deleted(stage: Stage) -> None:
    """A9 D1 with auto_removal=allowed: what leaves the folder is deleted in Salesforce."""
    stage.says("Ann allows auto-removal (E7: the plan of the change is shown first).")
    change_settings(stage.config, USER, ["auto_removal=allowed"], as_json=False, sure=True)
    stage.sync()
    stage.says("She deletes Anselm Quill, and drags Zoë Kjærgaard into Family.")
    stage.outlook.delete(["Anselm Quill"])
    stage.outlook.move("Zoë Kjærgaard", FOLDER, "Family")
    report = stage.sync()
    stage.expect(report.tally.crm_deleted == 2, "D1: both records are deleted in Salesforce")
    zoe = stage.item("Zoë Kjærgaard")
    stage.expect(
        zoe.get("Folder") == "Family" and "Salesforce" not in zoe["Categories"], "A9: Zoë is Ann's own contact now"
    )


def delete_in_salesforce(stage: Stage) -> None:
    """D4: deleted in Salesforce, to Deleted Items in the mailbox."""
    stage.says("Somebody deletes Ivo Marchetti in Salesforce.")
    stage.ann.delete("Ivo Marchetti")
    stage.sync()
    stage.expect(stage.item("Ivo Marchetti").get("Folder") == "Deleted Items", "D4: he is in Deleted Items")


def brake_many(stage: Stage) -> None:
    """D8: many deletions at once wait for a person."""
    many = sorted(map(plain, stage.in_folder()))[:11]
    stage.says(f"Ann selects {len(many)} contacts in the folder and presses Delete.")
    stage.outlook.delete(many)
    before = len(stage.seen.crm)
    report = stage.sync(shown=False)
    held = [h for h in report.holds if h.rule == "D8"]
    stage.expect(held and len(held[0].members) == len(many), "D8: all of them are held, none is deleted in Salesforce")
    stage.expect(len(stage.seen.crm) == before, "D8: Salesforce is as it was")
    stage.says("That was a slip: she rejects.")
    with stage.setup() as setup:
        for hold in held:
            setup.store.answer(USER, hold.name, "reject")
    stage.sync(shown=False)
    stage.expect(set(many) <= set(map(plain, stage.in_folder())), "C7 D8: all of them are in the folder again")
    stage.expect(len(stage.seen.crm) == before, "C7 D8: and still in Salesforce")


def leave_scope(stage: Stage) -> None:
    """A18: what leaves the scope goes to Deleted Items, and comes back with its record."""
    stage.says("An administrator gives Tess Hallorann to Bob: she is no longer one of Ann's contacts.")
    stage.admin.give("Tess Hallorann", "bob@acme.example")
    stage.sync()
    stage.expect(stage.item("Tess Hallorann").get("Folder") == "Deleted Items", "A18: the item is in Deleted Items")
    stage.expect(stage.admin.has("Tess Hallorann") == 1, "D7: no longer visible is not deleted")
    stage.says("The administrator gives her back.")
    stage.admin.give("Tess Hallorann", "ann@acme.example")
    stage.sync()
    stage.expect(stage.item("Tess Hallorann").get("Folder") == FOLDER, "A18: the item is back in the folder")


def lose_folder(stage: Stage) -> None:
    """A3: the folder itself is deleted, twice; nothing is deleted in Salesforce for it."""
    before, inside = len(stage.seen.crm), len(stage.in_folder())
    stage.says("Ann deletes the whole folder: it goes to Deleted Items.")
    stage.outlook.delete_folder(FOLDER)
    stage.sync(shown=False)
    stage.expect(len(stage.in_folder()) == inside, "A3: it was moved back with everything in it")
    stage.says("She deletes it for good.")
    stage.outlook.delete_folder(FOLDER, for_good=True)
    stage.sync(shown=False)
    stage.expect(len(stage.in_folder()) == inside, "A3: it was made again and filled again")
    stage.look(shown=False)
    stage.expect(len(stage.seen.crm) == before, "A3: nothing was deleted in Salesforce")
