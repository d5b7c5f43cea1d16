"""SOQL as Salesforce's own published grammar decides it (@salesforce/soql-common): the probes, texts near them, and
every query that the agent sends. The sandbox must not take what Salesforce refuses."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mailsync.sandbox.salesforce.soql import SoqlError, parse
from tests.contract.foreign.presence import ROOT, require, run_node
from tests.e2e.stage import Stage, stage

PROBES = json.loads((ROOT / "fixtures" / "soql-probes.json").read_text("utf-8"))
WORDS = re.compile(r"'(?:[^'\\]|\\.)*'|\w+|\s+|.", re.DOTALL)
STRAY = re.split(
    r" \| ",
    "AND | OR | NOT | ( | ) | null | = | != | <> | IN | LIKE | 'x' | 5 | 1.5 | 2026-11-22 | 2026-11-22T00:00:00Z | , "
    "| . | TODAY | LAST_N_DAYS:3 | + | - | % | _ | ; | ASC | DESC | WHERE | SELECT | FROM | WITH | AS | TRUE | Name "
    "| x.y | a b | INCLUDES | COUNT() | toLabel(Name) | DISTANCE | TYPEOF | LIMIT 5 | OFFSET 3 | ORDER BY Id | '' "
    "| FOR VIEW | GROUP BY Name | HAVING COUNT(Id) > 1 | NULLS FIRST | USING SCOPE mine | ALL ROWS "
    "| LIKE 'a\\_b' | \"x\" | 'a\\qb'",
)
# What the sandbox refuses though the grammar lets it pass, and why that is right or harmless.
STRICTER = {
    "reserved words (SOQL reference, Reserved Keywords) as names; the grammar leaves them to the service": (
        r"\b(TYPEOF|ALL|OFFSET|COUNT|FIRST|LAST)\b"
    ),
    "an alias with a dot, which names nothing": r"\bx\.y\b",
    "a path that ends in a dot or has two": r"\w\.\s|\w\.\.|\w\.[,)]",
    "a function that there is none of": r"\b(?!toLabel|COUNT|FORMAT)\w+\((ALL|\w+)\)",
    "a minus within a name": r"\w-[A-Za-z]",
    "SECURITY_ENFORCED as a name": r"SECURITY_ENFORCED",
}


def verdicts(texts: Sequence[str]) -> list[str | None]:
    """None for each text that is SOQL, else the first complaint; all in one process."""
    require("@salesforce/soql-common")
    return json.loads(run_node("soql", text=json.dumps(list(texts))))


def accepts(text: str) -> bool:
    """The sandbox's verdict."""
    try:
        parse(text)
    except SoqlError as error:
        return error.code != "MALFORMED_QUERY"
    return True


def test_the_probes_are_decided_as_recorded() -> None:
    assert len(PROBES) == 44
    found = verdicts([probe["query"] for probe in PROBES])
    assert [complaint is None for complaint in found] == [probe["accepted"] for probe in PROBES]
    assert [accepts(probe["query"]) for probe in PROBES] == [probe["accepted"] for probe in PROBES]


def neighbours(text: str, random: Random, count: int) -> Iterator[str]:
    """Texts that differ from one by a word left out, put in, replaced or changed places with another."""
    words = WORDS.findall(text)
    solid = [at for at, word in enumerate(words) if not word.isspace()]
    for _ in range(count):
        changed, at, other = list(words), random.choice(solid), random.choice(solid)
        match random.randrange(4):
            case 0:
                del changed[at]
            case 1:
                changed.insert(at, f" {random.choice(STRAY)} ")
            case 2:
                changed[at] = random.choice(STRAY)
            case _:
                changed[at], changed[other] = changed[other], changed[at]
        yield "".join(changed)


def test_texts_near_the_probes_are_decided_alike() -> None:
    random = Random(20261123)
    texts = sorted({text for probe in PROBES for text in neighbours(probe["query"], random, 80)})
    found = verdicts(texts)
    assert sum(complaint is None for complaint in found) > 100
    lax = [(text, complaint) for text, complaint in zip(texts, found, strict=True) if complaint and accepts(text)]
    assert lax == [], "the sandbox takes what Salesforce refuses"
    strict = [text for text, complaint in zip(texts, found, strict=True) if complaint is None and not accepts(text)]
    unnamed = [text for text in strict if not any(re.search(why, text) for why in STRICTER.values())]
    assert unnamed == [], "the sandbox refuses what Salesforce takes"


def sent_queries(requests: Sequence[dict[str, Any]]) -> set[str]:
    """Every SOQL text in a log: of query strings, of the parts of composites, of Bulk jobs."""
    urls = [f"{entry['path']}?{entry['query']}" for entry in requests if entry["vendor"] == "salesforce"]
    texts: set[str] = set()
    for entry in requests:
        if entry["vendor"] == "salesforce" and (entry["request"] or "").startswith("{"):
            body = json.loads(entry["request"])
            urls += [part["url"] for part in body.get("compositeRequest", [])]
            texts |= {body["query"]} if isinstance(body.get("query"), str) else set()
    return texts | {text for url in urls for text in parse_qs(urlsplit(url).query).get("q", [])}


def live_a_busy_week(scene: Stage) -> None:
    """All that makes the agent ask: views, matches, links, doubts, deletions, merges, sweeps."""
    scene.sync(None)
    mine = scene.ann.folder
    names = ("Globex", "Stark", "Linen & Co", "100% Linen & Co.", "O'Neil \\ Sons", "a_b", 'Nobody\'s "Own"', "Ünïcödé")
    for number, company in enumerate(names):
        scene.ann.create(mine, "Up", f"Person {number}", email=f"up{number}@x.example", company_name=company)
    scene.ann.create(mine, "No", "Address'; --", company_name="Globex")
    scene.sync(None)
    scene.fault(vendor="salesforce", operation="create", kind="drop_after")
    scene.ann.create(mine, "In", "Doubt", email="doubt@x.example")
    scene.sync(None)
    scene.advance(900)
    scene.sync(None)
    ids = [
        record["Id"] for record in scene.org.query("SELECT Id FROM Contact WHERE LastName LIKE 'Person %' ORDER BY Id")
    ]
    scene.org.merge(ids[0], ids[1])
    scene.org.delete(ids[2])
    scene.ann.trash(scene.ann.get("Up Person 3"))
    scene.sync(None)
    scene.advance(25 * 3600)
    scene.sync(None)
    for view in ("mine", "view:My_Customers", "view:Executives", "view:West_Coast", "view:Board_Members"):
        scene.run("set", "ann", f"view={view}")
        scene.sync(None)
        scene.advance(25 * 3600)
        scene.sync(None)
    scene.run("reset", "ann")
    scene.sync(None)


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place: Path = tmp_path_factory.mktemp("busy")
    with stage(place, "acme", view="all", auto_removal="allowed") as scene:
        scene.ann  # noqa: B018 - logs in
        live_a_busy_week(scene)
        return sorted(sent_queries(scene.requests()))


@pytest.mark.parametrize(
    "part",
    [
        "COUNT()",
        "LIKE '%",
        "Name IN (",
        "Email IN (",
        "USING SCOPE mine",
        "CreatedById",
        "SystemModstamp >=",
        "ORDER BY",
    ],
)
def test_the_week_is_busy(queries: list[str], part: str) -> None:
    assert [text for text in queries if part in text], f"no query with {part}"


def test_every_query_of_the_agent_is_soql(queries: list[str]) -> None:
    assert len(queries) > 20
    refused = [(text, complaint) for text, complaint in zip(queries, verdicts(queries), strict=True) if complaint]
    assert refused == []
