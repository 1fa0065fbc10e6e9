"""Circom text as templates and statements, enough of its grammar to place a change."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TEMPLATE = re.compile(r"^template\s+(?:custom\s+|parallel\s+)*(\w+)\s*\(", re.MULTILINE)
_LOOP = re.compile(r"\s*(for|while)\b")
_NAME = re.compile(r"\b[A-Za-z_]\w*\b(?!\()")
_COUNTER = re.compile(r"\bfor\s*\(\s*var\s+(\w+)")
_ASSIGNMENT = re.compile(r"(?:var\s+)?(\w+)(?:\[[^=]*\])*\s*\+?=(?!=)(.*)", re.DOTALL)
_DIGEST_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a template, without its semicolon.

    Attributes
    ----------
    start : int
        Where it begins in the file.
    text : str
        Its text, comments blanked.
    looped : bool
        Whether it stands in a loop, where circom allows no declaration.
    """

    start: int
    text: str
    looped: bool

    @property
    def end(self) -> int:
        """Where its semicolon stands in the file."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Template:
    """One template of a file.

    Attributes
    ----------
    name : str
        Its name.
    text : str
        Its text from the keyword to the closing brace, comments blanked.
    statements : tuple of Statement
        Its statements in order; the headers of blocks are none.
    """

    name: str
    text: str
    statements: tuple[Statement, ...]

    @cached_property
    def sizes(self) -> frozenset[str]:
        """Names that hold numbers of the compiler: parameters, counters and what is computed from them."""
        head = self.text[self.text.index("(") : self.text.index("{")]
        known = set(_NAME.findall(head)) | set(_COUNTER.findall(self.text))
        values: dict[str, set[str]] = {}
        for statement in self.statements:
            assigned = _ASSIGNMENT.match(statement.text)
            if assigned:
                values.setdefault(assigned[1], set()).update(_NAME.findall(assigned[2]))
        while True:
            computed = {name for name, used in values.items() if used <= known | {name}} - known
            if not computed:
                return frozenset(known)
            known |= computed

    @property
    def digest(self) -> str:
        """Hash of the text; comments and white space do not count."""
        return hashlib.sha256(" ".join(self.text.split()).encode()).hexdigest()[:_DIGEST_CHARACTERS]


def without_comments(text: str) -> str:
    """Return `text` with every comment replaced by as many blanks."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)


def templates(text: str) -> list[Template]:
    """Return the templates of a circom file."""
    code = without_comments(text)
    return [_template(code, head) for head in _TEMPLATE.finditer(code)]


def closing(text: str, opening: int) -> int:
    """Return the index of the bracket that closes the one at `opening`."""
    depth = 0
    for index in range(opening, len(text)):
        if text[index] in "([{":
            depth += 1
        elif text[index] in ")]}":
            depth -= 1
            if depth == 0:
                return index
    raise ValueError(f"{text[opening : opening + 40]!r} is never closed")


def _template(code: str, head: re.Match[str]) -> Template:
    body = code.index("{", closing(code, head.end() - 1))
    end = closing(code, body) + 1
    return Template(head[1], code[head.start() : end], tuple(_statements(code, body + 1, end - 1)))


def _statements(code: str, start: int, end: int, looped: bool = False) -> list[Statement]:
    found: list[Statement] = []
    begin = at = start
    while at < end:
        character = code[at]
        if character in "([":
            at = closing(code, at)
        elif character == "{":
            close = closing(code, at)
            inner = looped or _LOOP.match(code[begin:at]) is not None
            found += _statements(code, at + 1, close, inner)
            at, begin = close, close + 1
        elif character == ";":
            first = begin + len(code[begin:at]) - len(code[begin:at].lstrip())
            found.append(Statement(first, code[first:at], looped))
            begin = at + 1
        at += 1
    return found
