"""What a notebook was when it left the course, written down in it, to tell what a learner has added since.

The record is one line in the notebook's metadata, which Jupyter keeps when it saves: an id and a digest for
each cell, in order. Outputs and the cells' metadata, which change when a notebook is run, are no part of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

Cell = Mapping[str, Any]  # a cell, of nbformat or plain JSON
Notebook = Mapping[str, Any]

KEY = "released"  # in the notebook's metadata `course`


def parsed(content: bytes) -> Notebook | None:
    """The notebook in a file's `content`; None where there is none."""
    try:
        notebook = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return notebook if _is_notebook(notebook) else None


def _is_notebook(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("metadata", {}), dict)
        and isinstance(content.get("cells"), list)
        and all(isinstance(cell, dict) for cell in content["cells"])
    )


def source(cell: Cell) -> str:
    """The cell's text; a file may hold it as a list of lines."""
    text = cell.get("source", "")
    if isinstance(text, list):
        return "".join(map(str, text))
    return text if isinstance(text, str) else ""


def digest(cell: Cell) -> str:
    """Eight digits for the kind and the text of a cell; empty space at the ends of lines does not count."""
    lines = [line.rstrip() for line in source(cell).strip("\n").split("\n")]
    text = "\n".join([str(cell.get("cell_type")), *lines])
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]  # half an emoji may be there


def record(cells: Sequence[Cell]) -> str:
    """What to write down about a notebook that is released with these cells."""
    return " ".join(f"{cell.get('id')}:{digest(cell)}" for cell in cells)


def recorded(notebook: Notebook) -> str:
    """What was written down when the notebook was released; "" where that is lost."""
    course = notebook.get("metadata", {}).get("course")
    found = course.get(KEY) if isinstance(course, Mapping) else None
    return found if isinstance(found, str) else ""


def released_cells(notebook: Notebook) -> dict[str, str]:
    """The digest of each cell that the notebook was released with, by the cell's id."""
    return dict(entry.split(":") for entry in recorded(notebook).split() if entry.count(":") == 1)


def own_cells(notebook: Notebook) -> list[int]:
    """The indices of the cells that were added or changed since; all, where the record is lost."""
    released = set(recorded(notebook).split())
    return [i for i, cell in enumerate(notebook["cells"]) if record([cell]) not in released]


def has_outputs(notebook: Notebook) -> bool:
    """Whether a cell was run and shows something."""
    return any(cell.get("outputs") for cell in notebook["cells"])


def is_as_released(notebook: Notebook) -> bool:
    """Whether the notebook holds nothing but what it was released with."""
    return record(notebook["cells"]) == recorded(notebook) != "" and not has_outputs(notebook)
