"""Nasty values, collected and combined, always the same ones."""

import random
import unicodedata
from itertools import product

SEEDS = (
    *("", " ", "\t", "x", "'", '"', "\\", "\\\\", "%", "_", "null", "None", "NaN", "undefined", "true", "0", "-1"),
    *("Zoe\u0301", "Zo\u00e9", "A\u030angstro\u0308m", "ﬁx", "Ǆungla", "İstanbul", "ıI", "ß", "ẞ", "Straße"),
    *("👩🏽‍💻", "👨‍👩‍👧‍👦", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𠜎𠜱", "\U0010fffd"),
    *("\u202eevil\u202c", "עברית", "العربية", "\u2066x\u2069", "\u200fabc", "مرحبا 123 hello"),
    *("हिन्दी", "ไทย", "日本語", "한국어", "한국어", "ⅷ", "①", "㎏"),
    *("\u00a0x\u00a0", "\u2003x", "\u3000x", "x\u200by", "\ufeffx", "x\u00ady", "\u180e", "a\u2028b", "a\u2029b"),
    *("a\nb", "a\r\nb", "a\rb", "\n\n\n", "a\x0bb", "a\x00b", "a\x07b", "a\x1bb", "a\x7fb", "a\x85b", "a\ufffeb"),
    *("' OR 1=1 --", "') OR (Name != '", "x' LIKE '%", "\\' OR \\'", "%' ESCAPE '\\", "x%25", "{!$Api.Session_ID}"),
    *("<b>x</b>", "<script>alert(1)</script>", "&amp;", "&#0;", "]]>", "<![CDATA[x]]>", "<!DOCTYPE x>", "<?xml?>"),
    *('{"a": 1}', "[1]", '"}]', "\\u0000", "@{ref.id}", "@{create.0.id}", "${x}", "{{x}}", "%s", "%n", "$(id)", "`id`"),
    *("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "a,b", "a;b", "a\tb", '"a""b"'),
    *("../../etc/passwd", "C:\\con", "file:///x", "http://[::1", "javascript:alert(1)", "#N/A", "#REF!", "1e309"),
)
PHONES = (
    *(
        "+1 415 555 0101",
        "(415) 555-0101",
        "4155550101",
        "+1-415-555-0101 ext. 12",
        "415.555.0101x9",
        "tel:+14155550101",
    ),
    *("+49 (0)30 1234567", "0049 30 1234567", "+1 415 555 0101 / 0102", "1-800-FLOWERS", "112", "0", "+", "++1", "()"),
    *("ask the porter", "+999999999999999999", "٤١٥ ٥٥٥ ٠١٠١", "４１５５５５０１０１", "\u202a+1 415 555 0101\u202c"),
    *("+1 415 555 0101\n+1 415 555 0102", "+1415555010", "+", "555-0101;ext=5", "555-0101,,5#", "*#06#", "1" * 60),
)
EMAILS = (
    *("a@b.example", "A@B.EXAMPLE", "a+b@c.example", "a.b.@c.example", "a@b", "@b.example", "a@", "a b@c.example"),
    *('"a b"@c.example', "a@[127.0.0.1]", "a@b..example", "ä@b.example", "a@bücher.example", "a@b.example,c@d.example"),
    *("<a@b.example>", "A <a@b.example>", "mailto:a@b.example", "a@b.example ", "a'b@c.example", "a%b@c.example"),
    *("j" * 64 + "@" + "b" * 60 + ".example", "/o=Org/ou=x/cn=y", "a@b.example\nBcc: c@d.example", "a@@b.example"),
)
DAYS = (
    *("1980-02-29", "1979-02-28", "2000-02-29", "1900-02-28", "1700-01-01", "4000-12-31", "4501-01-01", "1601-01-01"),
    *("1604-02-29", "2038-01-19", "2038-01-20", "1970-01-01", "1969-12-31", "1899-12-30", "2024-12-31", "1883-11-18"),
    *("1996-03-31", "2020-10-25", "4001-01-01", "1699-12-31", "9999-12-31", "1752-09-14", "1582-10-15", "2400-02-29"),
)


def texts(count: int) -> list[str]:
    """So many texts: the collected ones, in both normal forms, wrapped, very long, and drawn from many planes."""
    made = list(SEEDS)
    made += [unicodedata.normalize(form, text) for form, text in product(("NFC", "NFD"), SEEDS)]
    made += [
        wrap.format(text) for wrap, text in product(("  {0} ", "{0}{0}", "x{0}y"), (s for s in SEEDS if "{" not in s))
    ]
    made += [text * (300 // len(text) + 1) for text in SEEDS if text.strip()]
    draw = random.Random(20261127)
    while len(made) < count:
        length = draw.choice((1, 3, 12, 40, 41, 80, 81, 255, 256))
        made.append("".join(_letter(draw) for _ in range(length)))
    return made[:count]


def _letter(draw: random.Random) -> str:
    first, last = draw.choice(
        ((32, 126), (160, 0x24F), (0x300, 0x36F), (0x590, 0x6FF), (0x2000, 0x206F), (0x1F300, 0x1FAFF))
    )
    return chr(draw.randint(first, last))
