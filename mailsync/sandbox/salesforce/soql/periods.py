"""Date literals: the days that TODAY, THIS_WEEK or LAST_N_DAYS:30 name."""

from datetime import date, timedelta

from mailsync.sandbox.salesforce.soql.syntax import Period

_LONE = {"TODAY": (0, 1), "YESTERDAY": (-1, 0), "TOMORROW": (1, 2), "LAST_90_DAYS": (-90, 1), "NEXT_90_DAYS": (1, 91)}
# The sandbox's fiscal year is the calendar year, as a new organisation's is.
_UNITS = {"WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_TURNS = {"LAST": (-1, 0), "THIS": (0, 1), "NEXT": (1, 2)}


def is_period(name: str, *, counted: bool) -> bool:
    """Whether an upper-case word is a date literal, `counted` if a number follows it (LAST_N_DAYS:30)."""
    if counted:
        return _counted_unit(name) is not None
    turn, _, unit = name.partition("_")
    return name in _LONE or (turn in _TURNS and unit in _UNITS)


def days_of(period: Period, today: date) -> tuple[date, date]:
    """The first day of a period and the first day after it, cut to the calendar's ends. Weeks start on Sunday."""
    if period.name in _LONE:
        return _shifted("DAY", today, *_LONE[period.name])
    if period.count is None:
        turn, _, unit = period.name.partition("_")
        return _shifted(unit, today, *_TURNS[turn])
    unit = _counted_unit(period.name)
    assert unit is not None, "the parser lets no other word through"
    return _shifted(unit, today, *_span(period.name, unit, period.count))


def _counted_unit(name: str) -> str | None:
    """DAY for LAST_N_DAYS, NEXT_N_DAYS and N_DAYS_AGO; None for any other word."""
    for prefix, suffix in (("LAST_N_", "S"), ("NEXT_N_", "S"), ("N_", "S_AGO")):
        unit = name.removeprefix(prefix).removesuffix(suffix)
        if name == prefix + unit + suffix and (unit in _UNITS or unit == "DAY"):
            return unit
    return None


def _span(name: str, unit: str, count: int) -> tuple[int, int]:
    """The units from … to (exclusive), counted from the present one. Days before today include today, as documented."""
    if name.startswith("NEXT_N_"):
        return 1, 1 + count
    if name.startswith("LAST_N_"):
        return -count, 1 if unit == "DAY" else 0
    return -count, 1 - count


def _shifted(unit: str, today: date, first: int, last: int) -> tuple[date, date]:
    unit = unit.removeprefix("FISCAL_")
    if unit in _MONTHS:
        size = _MONTHS[unit]
        present = (today.year * 12 + today.month - 1) // size
        return _month_start((present + first) * size), _month_start((present + last) * size)
    if unit == "WEEK":
        sunday = today.toordinal() - today.isoweekday() % 7
        return _day(sunday + 7 * first), _day(sunday + 7 * last)
    return _day(today.toordinal() + first), _day(today.toordinal() + last)


def _day(ordinal: int) -> date:
    return date.fromordinal(max(1, min(ordinal, date.max.toordinal())))


def _month_start(months: int) -> date:
    year, month = divmod(months, 12)
    return date.min if year < 1 else date.max if year > date.max.year else date(year, month + 1, 1)


def week_in_year(day: date) -> int:
    """1 for the first seven days of the year, 2 for the next seven (WEEK_IN_YEAR)."""
    return ((day - date(day.year, 1, 1)) // timedelta(days=7)) + 1
