"""Two Salesforce organisations in one installation. Their sandboxes give the same ids: nothing of one may be taken for
something of the other."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mailsync.bootstrap import SystemClock, gate_of, open_setup
from mailsync.cli import app
from mailsync.core.gate import TRIPS, Away
from mailsync.sandbox.server import RunningSandbox, running_sandbox
from mailsync.sandbox.world import read_world
from mailsync.worker.service import Service, enrol, open_engine, rules_of
from mailsync.worker.signs import Signs
from tests.e2e.cli.desk import run_json
from tests.e2e.people import MailboxPerson, OrgPerson

USER = """
[users.{user}]
organisation = "{organisation}"
salesforce_token = "sandbox-ann"
mailbox = "exchange"
address = "ann@acme.example"

[users.{user}.exchange]
url = "{mailbox}/EWS/Exchange.asmx"
username = "ann@acme.example"
password = "sandbox"
"""
GLOBEX = "00DIb0000000002MAA"
HOMES = {"anna": "acme", "bert": "globex"}


@dataclass
class Installation:
    """Anna works at acme, Bert at globex; both are called ann there, and have a mailbox at their own company's."""

    config: Path
    boxes: Mapping[str, RunningSandbox]

    def write(self, homes: Mapping[str, str] = HOMES, extra: str = "") -> None:
        sections = [
            f'[organisations.{name}.salesforce]\nurl = "{box.url}"\n{extra if name == "globex" else ""}'
            for name, box in self.boxes.items()
        ]
        mailboxes = {user: self.boxes[HOMES[user]].url for user in homes}
        users = [USER.format(user=u, organisation=o, mailbox=mailboxes[u]) for u, o in homes.items()]
        self.config.write_text("\n".join([*sections, *users]), encoding="utf-8")
        self.config.chmod(0o600)

    def run(self, *words: str, code: int = 0) -> Any:
        return run_json(self.config, *words, code=code)

    def sync(self) -> dict[str, Any]:
        return {r["user"]: r for r in self.run("sync")["users"]}

    def org(self, name: str) -> OrgPerson:
        return OrgPerson.log_in(self.boxes[name].url, "ann")

    def mailbox(self, name: str) -> MailboxPerson:
        return MailboxPerson.log_in(self.boxes[name].url, "ann@acme.example")


@pytest.fixture
def both(tmp_path: Path) -> Generator[Installation]:
    world = read_world("empty")
    another = {**world, "salesforce": {**world["salesforce"], "organisation": {"name": "Globex", "id": GLOBEX}}}
    with running_sandbox("empty") as acme, running_sandbox(another) as globex:
        found = Installation(tmp_path / "mailsync.toml", {"acme": acme, "globex": globex})
        found.write()
        yield found


def names(person: MailboxPerson) -> list[str]:
    return sorted(str(c.display_name) for c in person.all_in())


def test_A14_each_user_sees_their_own_organisation_alone_though_ids_are_the_same(both: Installation) -> None:
    first = both.org("acme").create(FirstName="Kim", LastName="Acme", Email="kim@x.example")
    second = both.org("globex").create(FirstName="Lou", LastName="Globex", Email="lou@x.example")
    assert first == second, "the sandboxes' ids differ: the scene proves nothing"
    reports = both.sync()
    assert {u: r["mailbox"]["created"] for u, r in reports.items()} == {"anna": 1, "bert": 1}
    assert names(both.mailbox("acme")) == ["Kim Acme"]
    assert names(both.mailbox("globex")) == ["Lou Globex"]
    both.org("acme").update(first, Title="CTO")
    edited = both.mailbox("globex")
    edited.edit(edited.get("Lou Globex"), department="R&D")
    both.sync()
    assert both.mailbox("acme").get("Kim Acme").job_title == "CTO"
    assert both.mailbox("globex").get("Lou Globex").job_title is None
    assert both.org("globex").get(second)["Department"] == "R&D"
    assert both.org("acme").get(first)["Department"] is None
    assert both.run("why", "bert", "lou@x.example")["salesforce_id"] == second
    for report in both.sync().values():
        assert (report["status"], report["issues"], report["holds"]) == ("done", [], [])


def test_D3_a_pair_of_another_organisation_shares_nothing(both: Installation) -> None:
    record = both.org("acme").create(LastName="Acme")
    both.org("globex").create(LastName="Globex")
    both.sync()
    both.run("set", "anna", "auto_removal=allowed", "hold_shared_deletions=on", "guard.count=50")
    both.sync()
    person = both.mailbox("acme")
    person.trash(person.get("Acme"))
    report = both.sync()["anna"]
    assert (report["status"], report["salesforce"]["deleted"]) == ("done", 1)
    assert both.org("acme").all("LastName") == []
    assert both.org("globex").get(record)["LastName"] == "Globex"


def test_D7_a_user_whose_file_leads_to_another_organisation_is_asked_about(both: Installation) -> None:
    both.org("acme").create(LastName="Acme")
    both.org("acme").create(LastName="Further")
    both.org("globex").create(LastName="Globex")
    both.sync()
    for box in both.boxes.values():
        box.sandbox.log.clear()
    both.write({"anna": "globex", "bert": "globex"})
    reports = both.sync()
    assert reports["anna"]["status"] == "skipped"
    assert f"the settings file leads to {GLOBEX}" in reports["anna"]["reason"]
    assert "leads to" in both.run("plan", "anna", code=1)["errors"][0]
    assert reports["bert"]["status"] == "done"
    assert names(both.mailbox("acme")) == ["Acme", "Further"]
    assert all(
        not {"create", "update", "delete"} & set(e.call.actions) for e in both.boxes["globex"].sandbox.log.entries()
    )
    both.write()
    assert both.sync()["anna"]["status"] == "done"


def test_A1_a_reset_pairs_what_lies_in_the_folder_with_another_organisation_and_takes_nothing(
    both: Installation,
) -> None:
    both.org("acme").create(FirstName="Kim", LastName="Doe", Email="kim@x.example")
    both.org("globex").create(FirstName="Lou", LastName="Else", Email="lou@x.example")
    both.sync()
    both.write({"anna": "globex", "bert": "globex"})
    both.run("reset", "anna")
    report = both.sync()["anna"]
    assert (report["mailbox"]["removed"], report["mailbox"]["updated"]) == (0, 0)
    assert not any(report["salesforce"].values())
    assert {h["rule"] for h in report["holds"]} == {"A1"}, "the same id means another person: that is asked about"
    assert names(both.mailbox("acme")) == ["Kim Doe"]
    assert [r["LastName"] for r in both.org("globex").all("LastName")] == ["Else"]


def test_an_organisation_may_change_its_address(both: Installation) -> None:
    both.org("acme").create(LastName="Acme")
    both.sync()
    text = both.config.read_text(encoding="utf-8")
    url = both.boxes["acme"].url
    section = f'[organisations.acme.salesforce]\nurl = "{url}"'
    both.config.write_text(text.replace(section, section.replace("127.0.0.1", "localhost")), encoding="utf-8")
    reports = both.sync()
    assert (reports["anna"]["status"], reports["anna"]["mailbox"]["removed"]) == ("done", 0)
    assert names(both.mailbox("acme")) == ["Acme"]
    assert both.sync()["anna"]["requests"]["salesforce"] == 1


def test_C4_the_budget_of_one_organisation_stops_nobody_of_the_other(both: Installation) -> None:
    both.write(extra='[organisations.globex.defaults]\n"budget.calls" = 100000000\n')
    with open_setup(both.config) as setup:
        enrol(setup, SystemClock())
        rules = rules_of(setup.settings)
        assert sorted(r.calls for r in rules.values()) == [1000, 100_000_000]
        homes = {u: setup.store.schedule.slot(u) for u in HOMES}
        assert len({slot.organisation for slot in homes.values() if slot}) == 2
        engine = open_engine(setup, SystemClock())
        assert isinstance(Service(setup, SystemClock(), engine, print, print), Service)
        engine.close()
        assert Signs(setup.store.gates, rules).rules == rules


def test_E7_another_file_is_tried_on_everybody_before_it_is_put_in_place(both: Installation) -> None:
    both.org("acme").create(LastName="Acme")
    both.org("acme").update(both.org("acme").create(LastName="Theirs"), Title="CTO")
    both.sync()
    present = both.config.read_text(encoding="utf-8")
    both.write({"anna": "acme"})
    text = both.config.read_text(encoding="utf-8")
    text += USER.format(user="zoe", organisation="globex", mailbox=both.boxes["globex"].url)
    text = text.replace("[users.anna]", '[organisations.acme.defaults]\ndirection = "up"\n\n[users.anna]')
    later = both.config.with_name("later.toml")
    later.write_text(text, encoding="utf-8")
    both.config.write_text(present, encoding="utf-8")
    planned = both.run("settings", "plan", str(later))
    (anna,) = planned["users"]
    assert anna["changes"]["direction"] == {"before": "both", "after": "up", "origin": "file"}
    assert (anna["user"], anna["kept"], anna["trouble"]) == ("anna", 2, None)
    assert (planned["new"], planned["gone"], planned["moved"]) == (["zoe"], ["bert"], [])
    later.write_text(text.replace('= "acme"', '= "globex"'), encoding="utf-8")
    (moved,) = both.run("settings", "plan", str(later), "--settings-only")["moved"]
    assert moved["user"] == "anna"
    assert moved["before"] != moved["after"]
    later.write_text(text.replace('"up"', '"upp"').replace("organisation =", "organization ="), encoding="utf-8")
    told = both.run("settings", "plan", str(later), code=2)["errors"]
    assert any(problem.startswith("organisations.acme.defaults.direction: 'upp' is not allowed") for problem in told)
    assert "users.anna.organization: there is no such key; did you mean organisation?" in told
    assert both.sync()["bert"]["status"] == "done"


def test_doctor_looks_at_each_organisation(both: Installation) -> None:
    both.sync()
    with open_setup(both.config) as setup:
        for _ in range(TRIPS):
            setup.store.gates.note(gate_of(setup.settings.organisations["globex"]), Away(), SystemClock().now())
    found = [f for f in both.run("doctor", "--vendors")["findings"] if f["area"] == "organisation"]
    assert [(f["outcome"], f["message"].partition(":")[0]) for f in found] == [
        ("ok", "acme"), ("ok", "globex"), ("note", "globex"),
    ]  # fmt: skip
    assert "1 user at 127.0.0.1" in found[0]["message"]
    assert "away" in found[2]["message"]
    both.write({"anna": "globex", "bert": "globex"})
    text = both.config.read_text(encoding="utf-8").replace('"sandbox-ann"', '"wrong"', 1)
    both.config.write_text(text, encoding="utf-8")
    found = both.run("doctor", "--vendors", code=1)["findings"]
    assert [f["user"] for f in found if f["area"] == "Salesforce" and f["outcome"] == "problem"] == ["anna"]


def test_connect_at_an_organisation_keeps_its_log_in_apart(both: Installation) -> None:
    outcome = CliRunner().invoke(app, ["--config", str(both.config), "connect", "anna", "salesforce"])
    assert outcome.exit_code == 2
    assert "users.anna.salesforce_token stands in the file" in outcome.output + str(outcome.stderr)
