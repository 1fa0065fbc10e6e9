"""Circuits without buses, for an analyser that knows circom 2.1: each field of a bus becomes a signal.

`input Account() account[A];` becomes `signal input account$owner[A]; ...`, `account[j].owner` becomes
`account$owner[j]`, and what is done to a bus is done to each of its fields, in their order. Every statement
stays on its line, so that a finding's line is the source's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from soundness.static.errors import BusSyntaxError

_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_HEADER: Final = re.compile(r"\b(bus|template|function)\s+(\w+)\s*\(([^)]*)\)\s*\{")
_DECLARATION: Final = re.compile(
    r"^(?:(input|output)\s+)?([A-Z]\w*)\s*(\(.*?\))\s*(\w+)((?:\[.*\])*)$", re.DOTALL
)
_COMPONENT: Final = re.compile(r"^(?:component\s+)?(\w+)(?:\[[^=]*\])?\s*=\s*(\w+)\s*\(")
_PATH: Final = re.compile(r"(?<![\w$.])[A-Za-z_]\w*(?![\w(])")
_CALL: Final = re.compile(r"^(\w+)\s*\(", re.DOTALL)
_ASSIGN: Final = "<=="
JOINT: Final = "$"


class Type(NamedTuple):
    """A bus and its arguments."""

    bus: str
    arguments: tuple[str, ...]


class Member(NamedTuple):
    """A field of a bus, or a port or signal of a template, that is a signal or a bus."""

    name: str
    type: Type | None
    dimensions: str


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus: its parameters and its fields, in their order."""

    parameters: tuple[str, ...]
    members: list[Member]


@dataclass(slots=True)
class Names:
    """What the buses, and the bus-typed ports of templates, are called.

    Attributes
    ----------
    buses : dict of str to Bus
        All buses of all files.
    ports : dict of str to dict of str to Type
        The ports of each template that are buses.
    """

    buses: dict[str, Bus] = field(default_factory=dict)
    ports: dict[str, dict[str, Type]] = field(default_factory=dict)

    def leaves(self, type_: Type) -> Iterator[tuple[str, str]]:
        """Yield the name and the dimensions of each signal of a bus, in order."""
        bus = self.buses[type_.bus]
        given = dict(zip(bus.parameters, type_.arguments, strict=True))
        for member in bus.members:
            dimensions = _substituted(member.dimensions, given)
            if member.type is None:
                yield member.name, dimensions
            else:
                inner = tuple(_substituted(argument, given) for argument in member.type.arguments)
                for name, more in self.leaves(Type(member.type.bus, inner)):
                    yield f"{member.name}{JOINT}{name}", dimensions + more

    def member_type(self, type_: Type, name: str) -> Type | None:
        """Return the bus that a field is; None for a signal."""
        bus = self.buses[type_.bus]
        given = dict(zip(bus.parameters, type_.arguments, strict=True))
        for member in bus.members:
            if member.name == name and member.type is not None:
                inner = tuple(_substituted(argument, given) for argument in member.type.arguments)
                return Type(member.type.bus, inner)
        return None


def without_comments(text: str) -> str:
    """Return circom text without comments, line by line as it was."""
    return _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def names_of(texts: Iterable[str]) -> Names:
    """Return the buses and ports of all files; they may use each other's."""
    bodies = [block for text in texts for block in _blocks(without_comments(text))]
    names = Names()
    for kind, name, parameters, body in bodies:
        if kind == "bus":
            names.buses[name] = Bus(parameters, [_member(statement) for statement in _split(body, ";")])
    for kind, name, _, body in bodies:
        if kind == "template":
            names.ports[name] = {
                found[4]: Type(found[2], _arguments(found[3]))
                for statement in re.split(r"[;{}]", body)
                if (found := _DECLARATION.match(statement.strip())) and found[2] in names.buses
            }
    return names


def without_buses(text: str, names: Names) -> str:
    """Return a file's text with every bus replaced by the signals of its fields.

    Raises
    ------
    BusSyntaxError
        If a bus is used in a way that is not known here.
    """
    text = without_comments(text)
    written, at = [], 0
    for found in _HEADER.finditer(text):
        if found.start() < at:
            continue
        end = _closing(text, found.end() - 1)
        written.append(text[at : found.start()])
        body = text[found.end() : end]
        if found[1] == "bus":
            written.append("\n" * text.count("\n", found.start(), end + 1))
        elif found[1] == "template":
            written.append(found[0] + _Template(names, body).rewritten() + "}")
        else:
            written.append(text[found.start() : end + 1])
        at = end + 1
    return "".join([*written, text[at:]])


class _Template:
    """Rewrites the body of one template."""

    def __init__(self, names: Names, body: str) -> None:
        self._names = names
        self._body = body
        self._buses: dict[str, Type] = {}
        self._components: dict[str, str] = {}

    def rewritten(self) -> str:
        chunks = re.split(r"([;{}])", self._protected(self._body))
        for chunk in chunks:
            self._declare(self._restored(chunk).strip())
        return "".join(self._statement(self._restored(chunk)) for chunk in chunks)

    def _declare(self, statement: str) -> None:
        found = _DECLARATION.match(_split(statement, _ASSIGN)[0].strip())
        if found and found[2] in self._names.buses:
            self._buses[found[4]] = Type(found[2], _arguments(found[3]))
        elif (component := _COMPONENT.match(statement)) and component[2] in self._names.ports:
            self._components[component[1]] = component[2]

    def _statement(self, chunk: str) -> str:
        statement = chunk.strip()
        sides = [side.strip() for side in _split(statement, _ASSIGN)]
        found = _DECLARATION.match(sides[0])
        if found and found[2] in self._names.buses:
            replaced = "; ".join(
                self._declared(found) + (self._assigned(found[4], sides[1]) if sides[1:] else [])
            )
        elif len(sides) == 2 and (self._is_bus(sides[0]) or sides[0].startswith("(")):
            replaced = "; ".join(self._assigned(sides[0], sides[1]))
        elif len(sides) == 2:
            replaced = f"{self._expression(sides[0])} {_ASSIGN} {self._expression(sides[1])}"
        else:
            replaced = self._expression(statement)
        lead = chunk[: len(chunk) - len(chunk.lstrip())]
        # What was spread over lines is one line now: the lines that it took follow it.
        lost = chunk.count("\n") - lead.count("\n") - replaced.count("\n")
        return lead + replaced + "\n" * max(0, lost) if statement else chunk

    def _declared(self, found: re.Match[str]) -> list[str]:
        direction = f"{found[1]} " if found[1] else ""
        type_ = self._buses[found[4]]
        return [
            f"signal {direction}{found[4]}{JOINT}{name}{found[5]}{dimensions}"
            for name, dimensions in self._names.leaves(type_)
        ]

    def _assigned(self, left: str, right: str) -> list[str]:
        targets = [part for item in _items(left) for part in self._parts(item)]
        call = _CALL.match(right)
        if call and call[1] in self._names.ports:
            target = targets[0] if len(targets) == 1 else f"({', '.join(targets)})"
            return [f"{target} {_ASSIGN} {self._expression(right)}"]
        sources = self._parts(right)
        if len(targets) != len(sources):
            raise BusSyntaxError(f"{left} {_ASSIGN} {right}: {len(targets)} signals and {len(sources)}")
        return [f"{target} {_ASSIGN} {source}" for target, source in zip(targets, sources, strict=True)]

    def _is_bus(self, text: str) -> bool:
        return len(self._parts(text)) > 1 or self._parts(text) != [self._expression(text)]

    def _parts(self, text: str) -> list[str]:
        """Return the signals that an expression stands for: those of a bus, else the expression alone."""
        match = _PATH.match(text)
        if match:
            end, name, indices, type_ = self._path(text, match)
            if end == len(text) and type_ is not None:
                leaves = self._names.leaves(type_)
                return [f"{name}{JOINT}{leaf}{indices}" for leaf, _ in leaves]
        return [self._expression(text)]

    def _expression(self, text: str) -> str:
        """Replace the paths in an expression, and the buses among the inputs of anonymous components."""
        written, at = [], 0
        for match in _PATH.finditer(text):
            if match.start() < at:
                continue
            end, name, indices, type_ = self._path(text, match)
            written.append(text[at : match.start()])
            if type_ is None:
                written.append(name + indices)
            else:
                written.append(", ".join(self._parts(text[match.start() : end])))
            at = end
        return "".join([*written, text[at:]])

    def _path(self, text: str, match: re.Match[str]) -> tuple[int, str, str, Type | None]:
        """Return where a path ends, its name and indices, and the bus that it is."""
        name, at = match[0], match.end()
        type_ = self._buses.get(name)
        ports = self._names.ports.get(self._components.get(name, ""))
        indices, at = self._indices(text, at)
        while (step := re.compile(r"\.(\w+)").match(text, at)) is not None:
            at = step.end()
            more, at = self._indices(text, at)
            if ports is not None:
                name, indices, type_, ports = f"{name}{indices}.{step[1]}", more, ports.get(step[1]), None
            elif type_ is not None:
                name, indices = f"{name}{JOINT}{step[1]}", indices + more
                type_ = self._names.member_type(type_, step[1])
            else:
                name, indices = f"{name}{indices}.{step[1]}", more
        return at, name, indices, type_

    def _indices(self, text: str, at: int) -> tuple[str, int]:
        begin = at
        while at < len(text) and text[at] == "[":
            at = _closing(text, at) + 1
        return self._expression(text[begin:at]), at

    @staticmethod
    def _protected(body: str) -> str:
        """Hide the semicolons of `for (...)` headers."""
        depth, written = 0, []
        for character in body:
            depth += (character == "(") - (character == ")")
            written.append("\0" if character == ";" and depth else character)
        return "".join(written)

    @staticmethod
    def _restored(chunk: str) -> str:
        return chunk.replace("\0", ";")


def _blocks(text: str) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    for found in _HEADER.finditer(text):
        end = _closing(text, found.end() - 1)
        yield found[1], found[2], _arguments(f"({found[3]})"), text[found.end() : end]


def _member(statement: str) -> Member:
    plain = re.match(r"^signal\s+(\w+)((?:\[.*\])*)$", statement.strip(), re.DOTALL)
    if plain:
        return Member(plain[1], None, plain[2])
    found = _DECLARATION.match(statement.strip())
    if not found:
        raise BusSyntaxError(f"{statement.strip()} is no field of a bus")
    return Member(found[4], Type(found[2], _arguments(found[3])), found[5])


def _closing(text: str, at: int) -> int:
    """Return the place of the bracket that closes the one at `at`."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    opening, closing, depth = text[at], pairs[text[at]], 0
    for place in range(at, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place
    raise BusSyntaxError(f"a {opening} is not closed")


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator that stands in no brackets; empty parts are left out."""
    parts, depth, begin = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and text.startswith(separator, place):
            parts.append(text[begin:place])
            begin = place + len(separator)
    return [part for part in (*parts, text[begin:]) if part.strip()] or [""]


def _items(text: str) -> list[str]:
    """Return the elements of a tuple, or the expression alone."""
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    return [item.strip() for item in _split(inner, ",")]


def _arguments(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _split(text.strip()[1:-1], ",") if part.strip())


def _substituted(text: str, given: Mapping[str, str]) -> str:
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda found: given.get(found[0], found[0]), text)
