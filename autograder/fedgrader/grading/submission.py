"""Which files are taken for a submission, and why others are not."""

import json
from pathlib import Path

import nbformat

from fedcourse.i18n import N_, _

MAX_BYTES = 50_000_000
_LINK = N_("The file {name} is a link. Ask for the notebook itself.")
_NO_FILE = N_("{name} is a folder, or a thing that no notebook is read from. Ask for the notebook itself.")
_LARGE = N_("The file {name} has {size} MB; {most} MB are allowed. Ask for it without its outputs.")


def refusal(path: Path) -> tuple[str, dict[str, str | int]] | None:
    """Why the notebook at `path`, below its student's folder, is not taken: a message and its values."""
    if any(place.is_symlink() for place in (path, path.parent, path.parent.parent)):
        return _LINK, {"name": path.name}
    if path.exists() and not path.is_file():
        return _NO_FILE, {"name": path.name}
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        size, most = path.stat().st_size // 1_000_000, MAX_BYTES // 1_000_000
        return _LARGE, {"name": path.name, "size": size, "most": most}
    return None


def why_ungraded(folder: Path, lesson: str) -> str:
    """Why `folder`, a submission, has no graded notebook, as far as its files tell."""
    path = folder / f"{lesson}.ipynb"
    others = sorted(other.name for other in folder.glob("*.ipynb"))
    if not path.exists() and others:
        text = _("The notebook is called {found}; rename it to {expected} and grade again.")
        return text.format(found=", ".join(others), expected=path.name)
    if not path.exists():
        return _("No notebook was handed in; {expected} is missing.").format(expected=path.name)
    try:
        nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
    except (json.JSONDecodeError, UnicodeDecodeError, nbformat.reader.NotJSONError):
        return _("The file {name} is damaged: it is not valid JSON. Ask for it again.").format(name=path.name)
    except Exception:  # nbformat raises whatever the content leads it to
        return _("The file {name} is not a Jupyter notebook. Ask for it again.").format(name=path.name)
    text = _(
        "The notebook is not graded, or that failed; run `nbgrader autograde {lesson}` and read its log."
    )
    return text.format(lesson=lesson)
