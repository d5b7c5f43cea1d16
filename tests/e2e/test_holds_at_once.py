"""C7: no hold ever stops the rest of a run."""

from collections.abc import Callable

from tests.e2e.people import FOLDER
from tests.e2e.stage import Stage


def test_C7_no_hold_stops_the_rest_of_a_run(scene: Stage) -> None:
    """A question of every kind is open at once, and everything else flows in that session and in the next."""
    folder = scene.ann.new_folder(FOLDER)
    for n in range(11):
        scene.ann.create(folder, "Old", f"Friend{n}", email=f"f{n}@x.example")
    scene.configure(conflict="ask", guard__count="2", guard__percent="5")
    accounts = [scene.org.create("Account", Name=n) for n in ("Initech", "Hooli")]
    names = ("Company", "Dispute", "Private", "Deleted", "Blank1", "Blank2", "Blank3", "Twin", "Copied", "Storm")
    more = {"Title": "CTO", "AccountId": accounts[0]}
    people = {
        n: scene.org.create(FirstName="Kim", LastName=n, Email=f"{n}@y.example", **more) for n in (*names, "Flow")
    }
    scene.sync("held")  # A5
    make: list[Callable[[], object]] = [
        lambda: scene.ann.edit(scene.ann.get("Kim Company"), company_name="Hooli"),
        lambda: scene.ann.edit(scene.ann.get("Kim Dispute"), job_title="Mine"),
        lambda: scene.org.update(people["Dispute"], Title="Theirs"),
        lambda: scene.ann.edit(scene.ann.get("Kim Private"), sensitivity="Private"),
        lambda: scene.ann.create(scene.ann.folder, "Tom", "Twin", email="twin@y.example"),
        lambda: scene.ann.get("Kim Copied").copy(scene.ann.folder),
        lambda: scene.ann.trash(scene.ann.get("Kim Deleted")),
        *(lambda n=n: scene.org.update(people[n], Title=None) for n in ("Blank1", "Blank2", "Blank3")),
    ]
    for _ in range(2):
        scene.ann.trash(scene.ann.get("Kim Storm"))
        scene.sync("held")
    scene.ann.trash(scene.ann.get("Kim Storm"))
    for act in make:
        act()
    scene.set(auto_removal="allowed")
    scene.org.update(people["Flow"], Title="Flows down")
    scene.ann.edit(scene.ann.get("Kim Flow"), department="Flows up")
    scene.sync("held")
    asked = {h["rule"] for h in scene.run("issues", "ann")["holds"]}
    assert asked >= {"A5", "A13", "B2", "B9", "B12", "D1", "D8"}, asked
    assert scene.org.get(people["Flow"])["Department"] == "Flows up"
    assert scene.ann.get("Kim Flow").job_title == "Flows down"
    scene.org.update(people["Flow"], Title="Again")
    scene.ann.create(scene.ann.folder, "New", "Person")
    report = scene.sync("held")
    assert (report["salesforce"]["created"], report["mailbox"]["updated"]) == (1, 1)
    assert {h["rule"] for h in scene.run("issues", "ann")["holds"]} == asked
    scene.assert_settled()
