"""What grows: the cost of an idle session with the number of pairs, and a worker's memory and open files with the
number of mailboxes that it has served."""

import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from bench.box import Box, standing
from bench.cost import MB
from bench.row import Row
from bench.sessions import NAMES
from bench.size import Size
from bench.warm import Worker, working
from bench.worlds import KINDS, PEOPLE, empty_world, make_record, make_world

MANY_ROUNDS = 12


def measure_pairs(size: Size) -> list[Row]:
    """Idle sessions with few and with many pairs, in turns."""
    with ExitStack() as stack:
        opened = {count: _open(stack, count) for count in (size.few, size.many)}
        spent: dict[tuple[int, str], list[float]] = {}
        for _ in range(MANY_ROUNDS):
            for count, worker in opened.items():
                for kind in KINDS:
                    spent.setdefault((count, kind), []).append(worker.sync(PEOPLE[kind]).cost.cpu * 1e3)
    rows: list[Row] = []
    for kind in KINDS:
        few, many = (statistics.median(spent[count, kind]) for count in (size.few, size.many))
        what = f"idle session with {_most(kind, size.many):,} pairs by one with {size.few:,}, {NAMES[kind]}"
        rows.append(Row(f"growth.{kind}", what, "times", many / few, 1.2, detail=f"{many:.1f} ms by {few:.1f} ms"))
    return rows


def _most(kind: str, count: int) -> int:
    """Google keeps 25,000 contacts in an account and no more."""
    return min(count, 25_000) if kind == "google" else count


def _open(stack: ExitStack, count: int) -> Worker:
    """A worker in whose store and mailboxes so many pairs are in step."""
    box = stack.enter_context(standing(make_world({PEOPLE[kind]: _most(kind, count) for kind in KINDS})))
    worker = stack.enter_context(working(box))
    for kind in KINDS:
        for _ in range(3):
            worker.sync(PEOPLE[kind])
            box.forget()
    return worker


def measure_accounts(size: Size) -> list[Row]:
    """Sessions over many mailboxes of all kinds, in one worker: memory and open files after the first time round, and
    after the last."""
    people = {f"u{n:04d}": KINDS[n % 3] for n in range(size.accounts)}
    with standing(_company(people)) as box:
        box.config.write_text(_settings(box, people), encoding="utf-8")
        with working(box) as worker:
            return _measure_rounds(box, worker, list(people), size.sessions)


def _measure_rounds(box: Box, worker: Worker, people: list[str], sessions: int) -> list[Row]:
    told = [worker.sync(person) for person in people]
    files = max(sample.files for sample in told)
    for _ in range(max(1, sessions // len(people) - 1)):
        box.forget()
        for person in people:
            last = worker.sync(person)
            files = max(files, last.files)
    grown = (last.resident - told[-1].resident) / MB
    scope = f"{sessions:,} sessions over {len(people):,} mailboxes of all kinds in one worker"
    detail = f"{told[-1].resident / MB:.0f} MB after one session each, {last.resident / MB:.0f} MB after all"
    return [
        Row("accounts.memory", f"growth of memory, {scope}", "MB", grown, 10, detail=detail),
        Row("accounts.files", f"open files at the most, {scope}", "files", files, 64),
    ]


def _company(people: Mapping[str, str]) -> Mapping[str, Any]:
    world = empty_world()
    world["salesforce"]["users"] += [{"name": p, "username": f"{p}@acme.example"} for p in people]
    world["salesforce"]["records"] = {"Contact": [make_record(p, n) for n, p in enumerate(people)]}
    for kind in KINDS:
        mine = [person for person, of in people.items() if of == kind]
        world[kind]["mailboxes"] = [{"user": p, "address": f"{p}@acme.example"} for p in mine]
    return world


def _settings(box: Box, people: Mapping[str, str]) -> str:
    users = "\n".join(_user(box.url, person, kind) for person, kind in people.items())
    return f'store = "many.db"\n\n[salesforce]\nurl = "{box.url}"\n\n{users}'


def _user(url: str, person: str, kind: str) -> str:
    log_in = f'url = "{url}"\ntoken = "sandbox-{person}"\n'
    if kind == "exchange":
        ews = f'url = "{url}/EWS/Exchange.asmx"\nusername = "{person}@acme.example"\n'
        log_in = f'{ews}password = "sandbox"\nauth = "basic"\n'
    head = f'[users.{person}]\nsalesforce_token = "sandbox-{person}"\nmailbox = "{kind}"\n'
    return f'{head}address = "{person}@acme.example"\n\n[users.{person}.{kind}]\n{log_in}'
