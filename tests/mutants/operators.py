"""What is changed in a function to see whether a test notices: one small change of its syntax tree at a time.

Sentences for people (strings that hold a space) are left alone, so are defaults and annotations: they decide nothing.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Function = ast.FunctionDef

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
SILENT = ("annotation", "returns", "args", "decorator_list", "type_params")
NAMES = {
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "partition": "rpartition",
    "rpartition": "partition",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one change. `name` is stable: the function, the statement as it was, and what became of it.
    `lines`: who does not come to these, first and last, does not notice; of a compound statement its head."""

    file: str
    function: str
    name: str
    tree: Function
    lines: tuple[int, int] = (0, 0)


def list_mutants(file: str, source: str) -> list[Mutant]:
    """All mutants of a module's functions and methods, in the order of its lines; equal names are numbered."""
    found: list[Mutant] = []
    for path, function in _functions(ast.parse(source).body, ""):
        original, seen = ast.unparse(function), set[str]()
        for change, lines in _changes(function):
            mutant = copy.deepcopy(function)
            told = change(mutant)
            text = ast.unparse(ast.fix_missing_locations(mutant))
            if text == original or text in seen:
                continue
            seen.add(text)
            name = f"{path}: {told}"
            number = sum(m.name.partition(" #")[0] == name for m in found) + 1
            found.append(Mutant(file, path, name if number == 1 else f"{name} #{number}", mutant, lines))
    return found


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")


Change = Callable[[Function], str]


def _changes(function: Function) -> Iterator[tuple[Change, tuple[int, int]]]:
    """A change for each place and operator, applied to a copy it tells what it did; and the lines of its statement."""
    lines, of_cases = (0, 0), dict[int, tuple[int, int]]()
    for number, node in enumerate(_nodes(function)):
        lines = _head(node) if isinstance(node, ast.stmt) else of_cases.get(id(node), lines)
        of_cases |= {id(case): lines for case in node.cases} if isinstance(node, ast.Match) else {}
        for make in (_statements, _logic, _values, _calls):
            for told, after in make(node):
                yield _at(number, told, after), lines


def _head(statement: ast.stmt) -> tuple[int, int]:
    """A statement's lines; of a compound one those before its body, which are run whatever part of it is."""
    match statement:
        case ast.Match(subject=subject):
            return statement.lineno, subject.end_lineno or statement.lineno
        case ast.If() | ast.While() | ast.For() | ast.With():
            return statement.lineno, max(statement.lineno, statement.body[0].lineno - 1)
        case _:
            return statement.lineno, statement.end_lineno or statement.lineno


def _at(number: int, told: str, after: Callable[[Any], None]) -> Change:
    def change(function: Function) -> str:
        after(_nodes(function)[number])
        return told

    return change


def _nodes(function: Function) -> list[ast.AST]:
    """The nodes of a function's body without annotations and docstrings, in a fixed order."""
    found: list[ast.AST] = []

    def visit(node: ast.AST) -> None:
        found.append(node)
        for name, value in ast.iter_fields(node):
            if name in SILENT and not isinstance(node, ast.Call):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_idle(node, child):
                    visit(child)

    told = ast.get_docstring(function) is not None
    for statement in function.body[told:]:
        visit(statement)
    return found


def _is_idle(parent: ast.AST, child: ast.AST) -> bool:
    """Whether a change there means nothing: the words of an f-string, and zip's own check of lengths."""
    words = isinstance(parent, ast.JoinedStr) and isinstance(child, ast.Constant)
    return words or (isinstance(child, ast.keyword) and child.arg == "strict")


Found = Iterator[tuple[str, Callable[[Any], None]]]


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 100 else text[:99] + "…"


def _set(**fields: object) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        for name, value in fields.items():
            setattr(node, name, copy.deepcopy(value))

    return change


def _become(other: ast.AST) -> Callable[[Any], None]:
    """A node turned into another in its place."""

    def change(node: Any) -> None:
        node.__class__ = other.__class__
        node.__dict__.clear()
        node.__dict__.update(copy.deepcopy(other).__dict__)

    return change


def _statements(node: ast.AST) -> Found:
    match node:
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Continue() | ast.Break() | ast.Return(value=None):
            yield f"without `{_short(node)}`", _become(ast.Pass())
        case ast.Match():
            yield from _cases(node)
        case ast.match_case(guard=ast.expr() as guard, pattern=pattern):
            yield f"case {_short(pattern)} without if {_short(guard)}", _set(guard=None)
        case _:
            pass
    if isinstance(node, ast.If | ast.IfExp | ast.While) and _is_plain(node.test):
        yield f"condition `{_short(node.test)}` negated", _set(test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for n, test in enumerate(node.ifs):
            rest = [*node.ifs[:n], *node.ifs[n + 1 :]]
            yield f"filter `{_short(test)}` dropped", _set(ifs=rest)


def _cases(node: ast.Match) -> Found:
    cases = node.cases
    for n, case in enumerate(cases):
        if len(cases) > 1 and not _is_idle_case(case, cases[n + 1 :]):
            rest = [*cases[:n], *cases[n + 1 :]]
            yield f"match {_short(node.subject)} without case {_short(case.pattern)}", _set(cases=rest)


def _is_idle_case(case: ast.match_case, later: list[ast.match_case]) -> bool:
    """Whether a case does nothing, and no catch-all would take its place: it is written to prove the match
    exhaustive."""
    does_nothing = all(isinstance(s, ast.Pass) for s in case.body)
    return does_nothing and not any(isinstance(c.pattern, ast.MatchAs) and c.pattern.pattern is None for c in later)


def _is_plain(test: ast.expr) -> bool:
    """Whether no other operator negates it already."""
    compared = isinstance(test, ast.Compare) and len(test.ops) == 1
    return not compared and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


def _logic(node: ast.AST) -> Found:
    match node:
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"`{_short(node)}` with the other of and/or", _set(op=other)
            for n, value in enumerate(values) if len(values) > 1 else ():
                rest = [*values[:n], *values[n + 1 :]]
                after = ast.BoolOp(op, rest) if len(rest) > 1 else rest[0]
                yield f"`{_short(node)}` without `{_short(value)}`", _become(after)
        case ast.Compare(ops=[op], left=left, comparators=comparators):
            for kind in COMPARISONS.get(type(op), ()):
                after = ast.Compare(left, [kind()], comparators)
                yield f"`{_short(node)}` → `{_short(after)}`", _become(after)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield f"`{_short(node)}` without not", _become(operand)
        case _:
            return


def _values(node: ast.AST) -> Found:
    match node:
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            yield f"`{_short(node)}` with another operator", _set(op=ARITHMETIC[type(op)]())
        case ast.Constant(value=bool(value)):
            yield f"{value} → {not value}", _set(value=not value)
        case ast.Constant(value=int(value)):
            yield f"{value} → {value + 1}", _set(value=value + 1)
        case ast.Constant(value=str(value)) if value and " " not in value:
            yield f"{value!r} → another code", _set(value=f"XX{value}")
        case ast.IfExp(body=body, orelse=orelse, test=test) if not _is_plain(test):
            yield f"`{_short(node)}` always the first", _become(body)
            yield f"`{_short(node)}` always the second", _become(orelse)
        case _:
            return


def _calls(node: ast.AST) -> Found:
    if not isinstance(node, ast.Call):
        return
    for n, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:n], *node.keywords[n + 1 :]]
        if keyword.arg not in (None, "strict"):
            yield f"`{_short(node)}` without {keyword.arg}=", _set(keywords=rest)
    match node.func:
        case ast.Name(id=name) if name in NAMES:
            yield f"{name} → {NAMES[name]} in `{_short(node)}`", _set(func=ast.Name(NAMES[name], ast.Load()))
        case ast.Attribute(attr=name, value=value) if name in NAMES:
            yield (
                f"{name} → {NAMES[name]} in `{_short(node)}`",
                _set(func=ast.Attribute(value, NAMES[name], ast.Load())),
            )
        case _:
            return
