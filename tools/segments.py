"""Where the translatable text is: found in Markdown and in code comments, replaced by character range."""

import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, double_inline=True)

HARD_BREAK = "\\\n"
_PRAGMA = re.compile(r"(noqa|type:|fmt:|ruff:|pragma:)")
_PICTURE_PARTS = {"image", "link_open", "link_close"}


@dataclass(frozen=True)
class Segment:
    """One message: `text[start:end]`, folded to `message`; `indent` begins its further lines."""

    start: int
    end: int
    message: str
    kind: str
    indent: str = ""

    def render(self, replacement: str) -> str:
        """`replacement` as it must stand in the source: table pipes escaped, further lines indented."""
        if self.kind == "table cell":
            replacement = replacement.replace("|", r"\|")
        return replacement.replace("\n", "\n" + self.indent)


def walk(text: str, replace: Callable[[str], str]) -> str:
    """The Markdown `text` with each message replaced; what `replace` leaves alone keeps its very bytes."""
    return replaced(text, markdown_segments(text), replace)


def walk_comments(code: str, replace: Callable[[str], str]) -> str:
    """The Python (or IPython) `code` with each comment replaced; all other bytes stay."""
    return replaced(code, comment_segments(code), replace)


def replaced(text: str, segments: list[Segment], replace: Callable[[str], str]) -> str:
    """`text` with the message of each of its `segments` replaced."""
    for segment in reversed(segments):
        replacement = replace(segment.message)
        if replacement != segment.message:
            text = text[: segment.start] + segment.render(replacement) + text[segment.end :]
    return text


def inline_tokens(text: str) -> Iterator[Token]:
    """The inline tokens of `text`, those of image alt texts included."""
    pending = list(MARKDOWN.parseInline(text)[0].children or [])
    while pending:
        token = pending.pop(0)
        yield token
        pending = [*(token.children or []), *pending]


def markdown_segments(text: str) -> list[Segment]:
    """The messages of a Markdown text, in order; fenced code, math and HTML blocks are none."""
    lines = text.split("\n")
    starts = _line_starts(lines)
    tokens = MARKDOWN.parse(text)
    segments: list[Segment] = []
    cell_limits: dict[int, int] = {}  # line -> the column where the cell to the right begins
    # From the end to the beginning: right of a table cell there are only spaces and pipes, so that the last
    # occurrence of its text is the cell; left of it there may be list markers and quotes.
    for opening, token in reversed(list(pairwise(tokens))):
        if token.type != "inline" or not token.content:
            continue
        if opening.type in ("th_open", "td_open"):
            found = [_cell(token, lines, starts, cell_limits)]
        elif opening.markup.startswith("#"):
            found = [_heading(opening, token, lines, starts)]
        else:
            found = _paragraph(opening, token, lines, starts)
        if _has_words(token.children or []):
            segments[:0] = found
    return segments


def _cell(token: Token, lines: list[str], starts: list[int], limits: dict[int, int]) -> Segment:
    row = token.map[0]
    content = token.content.replace("|", r"\|")
    column = lines[row].rindex(content, 0, limits.get(row, len(lines[row])))
    limits[row] = column
    return Segment(starts[row] + column, starts[row] + column + len(content), token.content, "table cell")


def _heading(opening: Token, token: Token, lines: list[str], starts: list[int]) -> Segment:
    row = token.map[0]
    column = lines[row].index(token.content, lines[row].index(opening.markup) + len(opening.markup))
    return Segment(starts[row] + column, starts[row] + column + len(token.content), token.content, "heading")


def _paragraph(opening: Token, token: Token, lines: list[str], starts: list[int]) -> list[Segment]:
    """A paragraph (each line of it ends a source line, whatever stands before it), or its alt texts."""
    first = token.map[0]
    bodies = token.content.split("\n")
    last = first + len(bodies) - 1
    columns = [
        len(line.rstrip()) - len(body.strip())
        for line, body in zip(lines[first : last + 1], bodies, strict=True)
    ]
    start, end = starts[first] + columns[0], starts[last] + len(lines[last].rstrip())
    if all(child.type in _PICTURE_PARTS or not child.content.strip() for child in token.children):
        return _alt_texts(token, "\n".join(lines), start)
    kind = "heading" if opening.type == "heading_open" else "paragraph"
    indent = lines[first + 1][: columns[1]] if len(bodies) > 1 else ""
    return [Segment(start, end, _folded(bodies), kind, indent)]


def _folded(bodies: list[str]) -> str:
    """The lines of a paragraph as one, but for hard breaks, all written as a backslash and a new line."""
    folded = bodies[0].strip()
    for before, body in pairwise(bodies):
        if before.endswith("\\"):
            folded += "\n"
        else:
            folded += HARD_BREAK if before.endswith("  ") else " "
        folded += body.strip()
    return folded


def _alt_texts(token: Token, text: str, cursor: int) -> list[Segment]:
    """The alt texts of a paragraph of nothing but images: no message shall hold an embedded picture."""
    segments = []
    for image in (child for child in token.children if child.type == "image" and child.content):
        start = text.index(f"![{image.content}]", cursor) + len("![")
        cursor = start + len(image.content)
        segments.append(Segment(start, cursor, image.content, "alt text"))
    return segments


def _has_words(children: list[Token]) -> bool:
    """Whether there is prose: a letter outside code, math and bare addresses."""
    in_address = False
    for child in children:
        if child.type in ("link_open", "link_close"):
            in_address = child.type == "link_open" and child.markup == "autolink"
        elif child.type in ("text", "image") and not in_address and any(c.isalpha() for c in child.content):
            return True
    return False


def comment_segments(code: str) -> list[Segment]:
    """The comments of a code cell, one message each; lines of IPython magic and shell are passed over.

    Raises:
      tokenize.TokenError, IndentationError: the code is not Python.
    """
    starts = _line_starts(code.split("\n"))
    python = re.sub(r"(?m)^([ \t]*)[%!].*$", r"\1pass", code)
    segments = []
    for token in tokenize.generate_tokens(io.StringIO(python).readline):
        message = token.string.lstrip("#").strip()
        is_prose = any(map(str.isalpha, message)) and not _PRAGMA.match(message)
        if token.type == tokenize.COMMENT and is_prose:
            end = starts[token.start[0] - 1] + token.start[1] + len(token.string.rstrip())
            segments.append(Segment(end - len(message), end, message, "comment"))
    return segments


def _line_starts(lines: list[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts
