"""The mutations: each takes from a template one thing that keeps a prover honest, or turns one condition."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from soundness.mutants.source import Statement, Template, closing

# Positions within the file, and what stands there instead.
Edit: TypeAlias = "tuple[int, int, str]"
Span: TypeAlias = "tuple[int, int]"

# Templates that take a number of bits, and which of their parameters it is.
_WIDTHS: Final = {
    "Range": 0,
    "SignedRange": 0,
    "IsNonNegative": 0,
    "Num2Bits": 0,
    "StrictlyIncreasing": 1,
    "Maximum": 1,
}
_INSTANCE = re.compile(r"\b(?:parallel\s+)?([A-Z]\w*[a-z]\w*)\(")
_DECLARED = re.compile(r"signal\s+(?:input\s+|output\s+)?(\w+)((?:\s*\[[^;]*\])?)\s*$")
_ASSIGNED = re.compile(r"(?:var\s+)?(\w+)")
_INDEX = re.compile(r"\[[^\[\]]*\]")
_COPY = re.compile(r"[\w.]+")
_ROOM: Final = 64
_COMPLEMENT = re.compile(r"\(1 - ")
_FACTOR = re.compile(r"\s*([A-Za-z_][\w.\[\] ]*?) \* ")
_SIGN = re.compile(r"(?<=[\w\])]) ([+-])(=?) |(?<=[(,=] )(-)(?=[A-Za-z(])|(?<=\()(-)(?=[A-Za-z(])")
_CONSTANT = re.compile(r"(?<![\w.\[])(\d+(?!\w)(?! <<)|[A-Z][A-Z0-9_]*\(\))")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one statement.

    Attributes
    ----------
    operator : str
        Name of the kind of change.
    statement : Statement
        What is changed.
    edits : tuple of Edit
        The change; more than one edit where a declaration changes with it.
    frees_copy : bool
        Whether a plain copy of a signal loses its constraint.
    """

    operator: str
    statement: Statement
    edits: tuple[Edit, ...]
    frees_copy: bool = False


def mutations(template: Template) -> Iterator[Mutation]:
    """Yield every mutation of a template, statement by statement."""
    for statement in template.statements:
        for operator in _OPERATORS:
            yield from operator(template, statement)


def _drop(template: Template, statement: Statement) -> Iterator[Mutation]:
    """Leave out a constraint, or a component that is there for what it checks."""
    whole = ((statement.start, statement.end + 1, ""),)
    if "===" in statement.text:
        yield Mutation("drop sum" if ".sum" in statement.text else "drop constraint", statement, whole)
    elif _is_check(statement.text) or _unread(template, statement):
        yield Mutation("drop check", statement, whole)


def _unconstrain(template: Template, statement: Statement) -> Iterator[Mutation]:
    """Assign without the constraint: circom's `<--`."""
    target, arrow, value = statement.text.partition("<==")
    if not arrow or _unread(template, statement):
        return
    if not _is_instance(value):
        at = statement.start + len(target)
        edit = (at, at + len(arrow), "<--")
        yield Mutation("unconstrain", statement, (edit,), _is_copy(template, value))
        return
    # circom refuses `<--` beside an anonymous component, so the component gets a signal of its own.
    span = (statement.start, statement.end)
    declared = _DECLARED.match(target)
    if declared:
        name, size = declared[1], declared[2]
        text = f"signal {name}_free{size} <=={value}; {target.strip()}; {name} <-- {name}_free"
        yield Mutation("unconstrain", statement, ((*span, text),))
    elif "." in target:
        # An input of another component: the loop's indices are kept, the size is more than any loop needs.
        places = "".join(_INDEX.findall(target))
        free = re.sub(r"\W", "_", _INDEX.sub("", target).strip()) + "_free"
        room = (template.statements[0].start,) * 2
        declaration = f"signal {free}{f'[{_ROOM}]' * len(_INDEX.findall(target))}; "
        text = f"{free}{places} <=={value}; {target}<-- {free}{places}"
        yield Mutation("unconstrain", statement, ((*span, text), (*room, declaration)))
    else:
        name = re.match(r"\w+", target)
        assert name is not None
        place = target.strip().removeprefix(name[0])
        text = f"{name[0]}_free{place} <=={value}; {target}<-- {name[0]}_free{place}"
        yield Mutation("unconstrain", statement, ((*span, text), _twin(template, name[0])))


def _widen(template: Template, statement: Statement) -> Iterator[Mutation]:
    """Let one more bit through a range."""
    for name, (start, end) in _instances(statement.text):
        if name not in _WIDTHS:
            continue
        width = _split(statement.text, start, end)[_WIDTHS[name]]
        bits = statement.text[slice(*width)].strip()
        spans = [width]
        size = statement.text.find(f"[{bits}] <==")
        if size >= 0:
            spans.append((size + 1, size + 1 + len(bits)))
        shifted = [(statement.start + low, statement.start + high) for low, high in spans]
        yield Mutation("widen", statement, tuple((*span, f"{bits} + 1") for span in shifted))


def _negate(template: Template, statement: Statement) -> Iterator[Mutation]:
    """Turn a condition: 1 - x for x, x for 1 - x, the other branch of a choice."""
    text, at = statement.text, statement.start
    for found in _COMPLEMENT.finditer(text):
        yield Mutation("negate", statement, ((at + found.start() + 1, at + found.end(), ""),))
    factor = _FACTOR.match(text) if "===" in text else None
    if factor:
        span = (at + factor.start(1), at + factor.end(1))
        yield Mutation("negate", statement, ((*span, f"(1 - {factor[1]})"),))
    for name, (_, end) in _instances(text):
        if name == "Choose" and text[end + 1 : end + 2] == "(":
            _, one, zero = _split(text, end + 2, closing(text, end + 1))
            swapped = (
                (at + one[0], at + one[1], text[slice(*zero)]),
                (at + zero[0], at + zero[1], text[slice(*one)]),
            )
            yield Mutation("negate", statement, swapped)


def _flip_sign(template: Template, statement: Statement) -> Iterator[Mutation]:
    """Subtract what is added, add what is subtracted."""
    if _assigns_size(template, statement):
        return
    for found in _SIGN.finditer(statement.text):
        if _is_structure(statement.text, found.start()) or statement.text.startswith(
            "(1 - ", found.start() - 2
        ):
            continue
        group = 1 if found[1] else 3 if found[3] else 4
        flipped = {"+": "-", "-": "+"}[found[1]] if found[1] else ""
        span = (statement.start + found.start(group), statement.start + found.end(group))
        yield Mutation("flip sign", statement, ((*span, flipped),))


def _shift_constant(template: Template, statement: Statement) -> Iterator[Mutation]:
    """Take the next number for a constant."""
    if _assigns_size(template, statement):
        return
    for found in _CONSTANT.finditer(statement.text):
        complement = statement.text.startswith("(1 - ", found.start() - 1)
        if _is_structure(statement.text, found.start()) or complement:
            continue
        text = str(int(found[1]) + 1) if found[1].isdigit() else f"({found[1]} + 1)"
        span = (statement.start + found.start(), statement.start + found.end())
        yield Mutation("shift constant", statement, ((*span, text),))


_OPERATORS: Final[tuple[Callable[[Template, Statement], Iterator[Mutation]], ...]] = (
    _drop,
    _unconstrain,
    _widen,
    _negate,
    _flip_sign,
    _shift_constant,
)
OPERATOR_NAMES: Final = (
    "drop constraint",
    "drop sum",
    "drop check",
    "unconstrain",
    "widen",
    "negate",
    "flip sign",
    "shift constant",
)
# A witness that was right stays right, so that only a lie can tell.
LOOSENING: Final = frozenset({"drop constraint", "drop sum", "drop check", "unconstrain", "widen"})


def _instances(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the name of each template that the text instantiates and the span between its parentheses."""
    for found in _INSTANCE.finditer(text):
        yield found[1], (found.end(), closing(text, found.end() - 1))


def _is_instance(value: str) -> bool:
    return _INSTANCE.match(value.strip()) is not None


def _is_check(text: str) -> bool:
    """Return whether the statement is an anonymous component without outputs: `Name(parameters)(inputs)`."""
    instance = _INSTANCE.match(text)
    return instance is not None and text[closing(text, instance.end() - 1) + 1 :].startswith("(")


def _unread(template: Template, statement: Statement) -> bool:
    """Return whether the statement keeps a component's output that nobody reads: the component is a check."""
    target, arrow, value = statement.text.partition("<==")
    declared = _DECLARED.match(target)
    if not arrow or declared is None or "output" in target or not _is_instance(value):
        return False
    return len(re.findall(rf"\b{declared[1]}\b", template.text)) == 1


def _is_copy(template: Template, value: str) -> bool:
    """Return whether the value is a signal or a number; a variable stands for a sum."""
    while _INDEX.search(value):
        value = _INDEX.sub("", value)
    name = value.strip()
    return _COPY.fullmatch(name) is not None and not re.search(rf"\bvar\s+{name}\b", template.text)


def _assigns_size(template: Template, statement: Statement) -> bool:
    """Return whether the statement computes with template parameters only: it shapes the circuit."""
    assigned = _ASSIGNED.match(statement.text)
    return assigned is not None and "==" not in statement.text and assigned[1] in template.sizes


def _twin(template: Template, name: str) -> Edit:
    """Return the edit that declares `<name>_free` beside the signal `name`."""
    for statement in template.statements:
        declared = _DECLARED.match(statement.text)
        if declared and declared[1] == name:
            return (statement.end, statement.end, f"; signal {name}_free{declared[2]}")
    raise AssertionError(f"{template.name} declares no signal {name}")


def _is_structure(text: str, at: int) -> bool:
    """Return whether the place shapes the circuit: an index, a size, a template's parameter, an assertion."""
    if text.startswith("assert") or (_DECLARED.match(text) and "<==" not in text):
        return True
    for index, character in enumerate(text[:at]):
        before = text[:index].rstrip()[-1:]
        indexing = character == "[" and (before.isalnum() or before in {"_", "]"})
        if indexing and closing(text, index) > at:
            return True
    return any(start <= at < end for _, (start, end) in _instances(text))


def _split(text: str, start: int, end: int) -> list[Span]:
    """Return the spans of the arguments between two parentheses."""
    spans, begin, at = [], start, start
    while at < end:
        if text[at] in "([":
            at = closing(text, at)
        elif text[at] == ",":
            spans.append((begin, at))
            begin = at + 1
        at += 1
    return [_trimmed(text, span) for span in [*spans, (begin, end)]]


def _trimmed(text: str, span: Span) -> Span:
    part = text[slice(*span)]
    return span[0] + len(part) - len(part.lstrip()), span[1] - len(part) + len(part.rstrip())
