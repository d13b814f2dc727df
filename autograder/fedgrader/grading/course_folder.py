"""A folder in which an instructor gives out, collects and grades; a clone's own root is one, too."""

import shutil
from pathlib import Path

from fedcourse.i18n import _
from fedgrader.course import ROOT, CannotGrade, load_course


def make_course_folder(folder: Path) -> None:
    """Make `folder`, an nbgrader course directory: its configuration and the instructor's notebooks.

    Raises:
      CannotGrade: there is something in it, or it cannot be written.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise CannotGrade(_("{folder} is not empty. Name a new folder.").format(folder=folder))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        for lesson in load_course().lessons:
            notebook = Path("source", lesson.slug, f"{lesson.slug}.ipynb")
            (folder / notebook.parent).mkdir(parents=True)
            shutil.copy(ROOT / notebook, folder / notebook)
    except OSError as error:
        raise CannotGrade(
            _("{folder} cannot be written: {error}. Name another folder.").format(folder=folder, error=error)
        ) from None
