"""Whether a notebook among the generated ones holds somebody's work, which is not to be lost."""

import json
from pathlib import Path

from fedgrader.course import release
from fedgrader.study.workspace import free_name


def are_in(path: Path, new: bytes) -> bool:
    """Whether the notebook at `path`, where `new` would be written, has answers or cells of its own.

    A file that is damaged may have.
    """
    content = path.read_bytes() if path.exists() else b""
    notebook = release.parsed(content)
    if notebook is None:
        return bool(content.strip()) and not _is_json(content)
    if release.has_outputs(notebook):
        return True
    if release.recorded(notebook):
        return bool(release.own_cells(notebook))
    # Its record is lost. Whatever is not in the new one may be somebody's.
    known = {release.digest(cell) for cell in release.parsed(new)["cells"]}
    return any(release.digest(cell) not in known for cell in notebook["cells"])


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def advice(root: Path, path: Path) -> str:
    """What to do about the notebook at `path`, below `root`, which holds answers: how to move it."""
    there = root / "my" / path.parent.name / path.name
    if there.exists():
        there = free_name(there, "from-lessons")
    here, there = path.relative_to(root), there.relative_to(root)
    return (
        f"{here} holds somebody's work, so it is left as it is. Move it to where learners work, then build "
        f"again: mkdir -p {there.parent} && mv -n {here} {there}"
    )
