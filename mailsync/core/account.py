"""Which Account a new Contact belongs to (B5): by exact name, then the earliest created, then a unique substring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from mailsync.core.refs import AccountId

LONGEST = 255
"""A company name over this many characters is not searched (B6): Account.Name holds no more."""


@dataclass(frozen=True, slots=True)
class Account:
    """An Account that the user can see and that is no Person Account."""

    id: AccountId
    name: str
    created: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Candidates:
    """What Salesforce has for one company: names equal to it, and names that contain it (two are enough to know)."""

    exact: tuple[Account, ...] = ()
    containing: tuple[Account, ...] = ()


class Step(Enum):
    """The step of B5 that decided."""

    EMPTY = "empty"
    EXACT = "exact"
    SUBSTRING = "only substring"
    NONE = "none"
    SEVERAL = "several"
    FIXED = "fixed"
    NOT_SEARCHED = "not searched"


@dataclass(frozen=True, slots=True)
class Link:
    """The Account chosen (None: the Contact is created without one), the step that decided, and why in words."""

    account: AccountId | None
    name: str
    step: Step
    reason: str


def company_key(company: str) -> str:
    """The company as it is searched: trimmed, inner white space collapsed (B5)."""
    return " ".join(company.split())


SUFFIXES = frozenset(
    [
        "inc",
        "incorporated",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "plc",
        "corp",
        "corporation",
        "co",
        "company",
        "gmbh",
        "ag",
        "kg",
        "ohg",
        "mbh",
        "ug",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "ab",
        "as",
        "oy",
        "aps",
        "pty",
    ]
)
"""Legal forms that the option of B6 passes over at the end of a company's name, folded and without dots."""


def without_suffix(company: str) -> str:
    """The company's name without its legal form: "Acme, Inc." -> "Acme". A name that is nothing else stays."""
    words = company_key(company).split(" ")
    while len(words) > 1 and words[-1].replace(".", "").strip(",").casefold() in SUFFIXES:
        words.pop()
    return " ".join(words).rstrip(",")


def company_keys(company: str, *, strip: bool) -> tuple[str, ...]:
    """What is searched for a company, in order: its own name, and without its legal form if the option is on (B6)."""
    key = company_key(company)
    bare = without_suffix(company) if strip else key
    return (key,) if bare == key else (key, bare)


def same_company(one: str, other: str) -> bool:
    """Whether two company names are the same to B5: folded case and white space."""
    return company_key(one).casefold() == company_key(other).casefold()


def searchable(company: str) -> bool:
    """Whether step 2 is asked at all: not for a blank name, nor for one longer than Account.Name can be."""
    return 0 < len(company_key(company)) <= LONGEST


def link_any(company: str, found: Mapping[str, Candidates], *, min_substring: int = 1, strip: bool = False) -> Link:
    """Decides from what Salesforce has for each of the company's keys; the first key that finds one decides."""
    keys = company_keys(company, strip=strip)
    links = [link(key, found.get(key, Candidates()), min_substring=min_substring) for key in keys]
    return next((chosen for chosen in links if chosen.account), links[0])


def link(company: str, found: Candidates, *, min_substring: int = 1) -> Link:
    """Decides the Account for a company from what Salesforce has for it (B5, B6). Pure; raises nothing."""
    key = company_key(company)
    if not key:
        return Link(None, "", Step.EMPTY, "the contact has no company")
    if not searchable(company):
        return Link(None, "", Step.NOT_SEARCHED, f"a company name over {LONGEST} characters is not searched")
    exact = [a for a in found.exact if same_company(a.name, key)]
    if exact:
        first = min(exact, key=lambda a: (a.created, a.id))
        which = "the only Account of that name" if len(exact) == 1 else f"the earliest of {len(exact)} of that name"
        return Link(first.id, first.name, Step.EXACT, which)
    if len(key) < min_substring:
        return Link(None, "", Step.NOT_SEARCHED, f"shorter than min_substring={min_substring}")
    within = {a.id: a for a in found.containing if key.casefold() in a.name.casefold()}
    match list(within.values()):
        case []:
            return Link(None, "", Step.NONE, "no Account's name equals or contains it")
        case [only]:
            return Link(only.id, only.name, Step.SUBSTRING, "the only Account whose name contains it")
        case several:
            return Link(None, "", Step.SEVERAL, f"{len(several)} or more Accounts' names contain it")
