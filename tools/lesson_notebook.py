"""From a lesson's source (`<slug>.md`, `solutions/<slug>.py`) to its cells, and from them to a notebook."""

import difflib
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tokenize import TokenError

from fedgrader.course import Course, Lesson, definitions
from fedgrader.questions import questions
from tools.errors import SourceError
from tools.header import header, setup
from tools.segments import Segment, comment_segments, markdown_segments, replaced

TAGS = ("setup", "include", "solution", "check", "guess")
Translator = Callable[[str], str]


@dataclass(frozen=True)
class Cell:
    """One cell in English: kind ("markdown", "code" or one of `TAGS`), text, value of the tag, line."""

    kind: str
    source: str
    value: str
    line: int

    @cached_property
    def segments(self) -> list[Segment]:
        """What there is to translate; graded cells and the set-up cell have nothing."""
        if self.kind == "markdown":
            return markdown_segments(self.source)
        return comment_segments(self.source) if self.kind in ("code", "include") else []

    def translated(self, translate: Translator) -> str:
        """The cell's text with each segment translated."""
        return replaced(self.source, self.segments, translate)


@dataclass(frozen=True)
class LessonSource:
    """The authored files of one lesson below `root`."""

    root: Path
    course: Course
    lesson: Lesson

    @property
    def folder(self) -> Path:
        return self.root / "source" / self.lesson.slug

    @property
    def path(self) -> Path:
        return self.folder / f"{self.lesson.slug}.md"

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells in order, tags expanded, from the title on.

        Raises:
          SourceError: the source is not as CONTRIBUTING.md describes it.
        """
        cells = [self._expanded(cell) for cell in _read_cells(self.path)]
        if not cells or cells[0].kind != "markdown" or not cells[0].source.startswith("# "):
            raise SourceError(f"{self.path}:1: begin with a Markdown cell whose first line is `# Title`")
        asked = list(questions(self.lesson.slug))
        for kind, names in (
            ("setup", ["true"]),
            ("solution", self._names),
            ("check", self._names),
            ("guess", asked),
        ):
            self._each_once(cells, kind, names)
        return cells

    def messages(self) -> list[tuple[str, str]]:
        """Each message to translate with its kind, in order, repeated where the lesson repeats it."""
        return [(segment.message, segment.kind) for cell in self.cells for segment in cell.segments]

    @property
    def _names(self) -> list[str]:
        return [exercise.name for exercise in self.lesson.exercises]

    @cached_property
    def _definitions(self) -> dict[str, str]:
        """What the lesson's solutions define, and what they take from another lesson's."""
        text = self._solutions(self.lesson.slug)
        taken = definitions.imported(text, "solutions")
        others = {name: definitions.definitions(self._solutions(slug))[name] for name, slug in taken.items()}
        return others | definitions.definitions(text)

    def _solutions(self, slug: str) -> str:
        path = self.root / "solutions" / f"{slug}.py"
        if not path.exists():
            raise SourceError(f"{path}: write the reference solutions there")
        return path.read_text(encoding="utf-8")

    def _expanded(self, cell: Cell) -> Cell:
        """`cell` with the text that its tag stands for."""
        where = f"{self.path}:{cell.line}"
        if cell.kind in TAGS and cell.source.strip():
            raise SourceError(f"{where}: a cell with :{cell.kind}: is written by the build; leave it empty")
        try:
            source = self._text(cell)
        except KeyError as error:
            wanted, *known = error.args
            raise SourceError(f"{where}: no {wanted!r}{_nearest(wanted, known)}") from None
        except (ValueError, SyntaxError, TokenError) as error:
            raise SourceError(f"{where}: {cell.value or 'this cell'}: {error}") from None
        return Cell(cell.kind, source, cell.value, cell.line)

    def _text(self, cell: Cell) -> str:
        """The cell's text; raises KeyError(name, *known names), or ValueError where it cannot be made."""
        if cell.kind in ("solution", "check"):
            _lookup(dict.fromkeys(self._names), cell.value)
        if cell.kind == "check":
            return f'check("{self.lesson.slug}.{cell.value}", {cell.value})'
        if cell.kind == "guess":
            _lookup(dict.fromkeys(questions(self.lesson.slug)), cell.value)
            return f'guess("{self.lesson.slug}.{cell.value}", "?")'
        if cell.kind == "solution":
            return definitions.marked_solution(_lookup(self._definitions, cell.value))
        if cell.kind == "include":
            names = [name.strip() for name in cell.value.split(",")]
            if revealed := set(names) & set(self._names):
                raise ValueError(f"it would show a solution; use `:solution: {min(revealed)}`")
            return definitions.joined([_lookup(self._definitions, name) for name in names])
        if cell.kind == "code":
            comment_segments(cell.source)
        return cell.source

    def _each_once(self, cells: list[Cell], kind: str, names: list[str]) -> None:
        for name in names:
            tag = f"`:{kind}: {name}`"
            lines = [cell.line for cell in cells if cell.kind == kind and cell.value == name]
            if not lines:
                raise SourceError(f"{self.path}:{cells[-1].line}: there is no cell with {tag}; add one")
            if len(lines) > 1:
                raise SourceError(f"{self.path}:{lines[1]}: {tag} stands in line {lines[0]} too; keep one")


def _lookup(known: dict[str, str], name: str) -> str:
    if name not in known:
        raise KeyError(name, *known)
    return known[name]


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known) or 'none'}"


def _read_cells(path: Path) -> list[Cell]:
    """The cells of a MyST file as they are written, with the line where each begins."""
    from jupytext.myst import MystMetadataParsingError, myst_to_notebook

    if not path.exists():
        raise SourceError(f"{path}: no such file; write the lesson or take it out of course.toml")
    try:
        notebook = myst_to_notebook(path.read_text(encoding="utf-8"), add_source_map=True)
    except MystMetadataParsingError as error:
        raise SourceError(f"{path}: {error}") from None
    lines = notebook.metadata.source_map
    return [_tagged(path, node, line) for node, line in zip(notebook.cells, lines, strict=True)]


def _tagged(path: Path, node: dict, line: int) -> Cell:
    if node.cell_type == "markdown":
        return Cell("markdown", node.source, "", line + 1)
    tags = dict(node.metadata)
    if node.cell_type != "code" or len(tags) > 1 or tags.keys() - set(TAGS):
        known = ", ".join(f":{tag}:" for tag in TAGS)
        raise SourceError(f"{path}:{line}: a cell is a code cell with at most one of {known}; mend this one")
    kind, value = next(iter(tags.items()), ("code", ""))
    return Cell(kind, node.source, "true" if value is True else str(value), line)


def notebook(source: LessonSource, language: str, translate: Translator, message: Translator) -> dict:
    """The instructor's notebook (nbformat 4.5) in `language`, with solutions and nbgrader's metadata.

    Args:
      translate: from a message of the lesson to `language`.
      message: from a message of the course's message catalog to `language`.
    """
    from nbformat import from_dict

    course, lesson = source.course, source.lesson
    points = {exercise.name: exercise.points for exercise in lesson.exercises}
    nodes = []
    for cell, cell_id in zip(source.cells, _unique_ids(source.cells), strict=True):
        text = setup(course, language, message) if cell.kind == "setup" else cell.translated(translate)
        nodes.append(_node(cell.kind, cell_id, text, _nbgrader(cell, points)))
    nodes.insert(1, _node("markdown", "header", header(course, lesson, language, message), {}))
    metadata = {
        "course": {"lang": language, "slug": lesson.slug},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return from_dict({"cells": nodes, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def _node(kind: str, cell_id: str, text: str, metadata: dict) -> dict:
    """A cell as nbformat writes it; nbformat's own makers would validate the schema once a cell."""
    if kind == "markdown":
        return {"cell_type": "markdown", "id": cell_id, "metadata": metadata, "source": text}
    empty = {"execution_count": None, "outputs": []}
    return {"cell_type": "code", "id": cell_id, "metadata": metadata, "source": text, **empty}


def _nbgrader(cell: Cell, points: dict[str, float]) -> dict:
    """The metadata by which nbgrader knows a solution or check cell."""
    if cell.kind not in ("solution", "check"):
        return {}
    graded = cell.kind == "check"
    fields = {
        "cell_type": "code",
        "grade": graded,
        "grade_id": f"check_{cell.value}" if graded else cell.value,
        "locked": graded,
        "schema_version": 3,
        "solution": not graded,
        "task": False,
    }
    return {"nbgrader": fields | ({"points": points[cell.value]} if graded else {})}


def _unique_ids(cells: list[Cell]) -> list[str]:
    """Cell ids made from the exercise or the English text alone, so that all languages agree."""
    ids: list[str] = []
    seen: Counter[str] = Counter()
    for cell in cells:
        named = {
            "setup": "setup",
            "solution": f"solution-{cell.value}",
            "check": f"check-{cell.value}",
            "guess": f"guess-{cell.value}",
        }
        base = named.get(cell.kind) or hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        seen[base] += 1
        ids.append(base if seen[base] == 1 else f"{base}-{seen[base]}")
    return ids
