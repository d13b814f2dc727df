"""What the graders note in a notebook, and the language they note it in.

A note is kept as an untranslated message and its values in `nb.metadata.course`, under "repairs" (what was
mended) or "attention" (what a person must look at): student and instructor each read it in their language.
"""

import re

from nbformat import NotebookNode

from fedcourse.i18n import LANGUAGES, _

_USE_LANGUAGE = re.compile(r"""^\s*use_language\(\s*["'](\w+)["']\s*\)""", re.MULTILINE)


def language_of(nb: NotebookNode) -> str:
    """The student's language: the notebook's, else the last that a code cell chooses, else English."""
    course = nb.metadata.get("course")
    chosen = course.get("lang") if isinstance(course, dict) else None
    calls = [
        call for cell in nb.cells if cell.cell_type == "code" for call in _USE_LANGUAGE.findall(cell.source)
    ]
    return next((code for code in [chosen, *reversed(calls)] if code in list(LANGUAGES)), "en")


def start_notes(nb: NotebookNode) -> None:
    """Forget what the submission says about itself, except its language."""
    nb.metadata["course"] = NotebookNode(lang=language_of(nb), repairs=[], attention=[])


def note(nb: NotebookNode, kind: str, message: str, **values: str | int | float) -> None:
    """Add a note of `kind` "repairs" or "attention"; `message` is marked with `N_` and names its `values`."""
    nb.metadata["course"][kind].append(NotebookNode(message=message, values=values))


def sentences(nb: NotebookNode, kind: str) -> list[str]:
    """The notes of `kind`, in the current language."""
    notes = nb.metadata.get("course", {}).get(kind, [])
    return [_(entry.message).format(**entry["values"]) for entry in notes]


def code_cell_number(nb: NotebookNode, index: int) -> int:
    """Which code cell, counted from 1, the cell at `index` is: what a person can count in the notebook."""
    return sum(cell.cell_type == "code" for cell in nb.cells[: index + 1])
