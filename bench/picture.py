"""The rows that have a peer as bars, ours over the peer's, on a logarithmic scale: a plain SVG."""

import math
from collections.abc import Sequence
from html import escape

from bench.row import Row, told

WIDTH, LEFT, STEP, HEIGHT = 1100, 470, 46, 14
OURS, PEER, FLOOR = "#0b6e99", "#c9c9c9", "#1a1a1a"


def draw(rows: Sequence[Row]) -> str:
    """The picture; rows without a peer, or not in processor time, are left out."""
    shown = [row for row in rows if row.peer and row.unit in _MILLISECONDS]
    largest = max((max(_ms(r, r.ours), _ms(r, r.peer or 0)) for r in shown), default=1.0)
    top = 10 ** math.ceil(math.log10(max(largest, 1.0)))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{70 + STEP * len(shown)}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>',
        '<text x="10" y="20" font-size="14">Processor time: ours over the peer of the same run, | the floor</text>',
        *_scale(top, 40 + STEP * len(shown)),
    ]
    for number, row in enumerate(shown):
        parts += _bars(row, 44 + number * STEP, top)
    return "\n".join([*parts, "</svg>\n"])


_MILLISECONDS = {"CPU-ms": 1.0, "CPU-s": 1000.0}


def _ms(row: Row, value: float) -> float:
    return value * _MILLISECONDS[row.unit]


def _x(value: float, top: float) -> float:
    """From one millisecond to the top."""
    return LEFT + (WIDTH - LEFT - 190) * max(0.0, math.log10(max(value, 1.0))) / max(1.0, math.log10(top))


def _scale(top: float, bottom: int) -> list[str]:
    parts: list[str] = []
    value = 1.0
    while value <= top:
        x, name = _x(value, top), f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.0f} s"
        parts.append(f'<line x1="{x:.0f}" y1="34" x2="{x:.0f}" y2="{bottom}" stroke="#e8e8e8"/>')
        parts.append(f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle" fill="#777">{name}</text>')
        value *= 10
    return parts


def _bars(row: Row, y: int, top: float) -> list[str]:
    parts = [f'<text x="{LEFT - 8}" y="{y + 18}" text-anchor="end">{escape(row.what)}</text>']
    for place, value, colour, name in (
        (y, row.ours, OURS, "mailsync"),
        (y + HEIGHT + 1, row.peer or 0.0, PEER, row.rival),
    ):
        end = _x(_ms(row, value), top)
        parts.append(f'<rect x="{LEFT}" y="{place}" width="{end - LEFT:.1f}" height="{HEIGHT}" fill="{colour}"/>')
        label = f"{told(value)} {row.unit.removeprefix('CPU-')} {escape(name)}"
        parts.append(f'<text x="{end + 4:.0f}" y="{place + 11}" font-size="10">{label}</text>')
    if row.floor:
        x = _x(_ms(row, row.floor), top)
        parts.append(
            f'<line x1="{x:.1f}" y1="{y - 2}" x2="{x:.1f}" y2="{y + HEIGHT + 1}" stroke="{FLOOR}" stroke-width="2"/>'
        )
    return parts
