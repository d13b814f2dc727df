"""The lessons as the course has them, wherever somebody may have written into their files."""

import subprocess
from pathlib import Path

from fedcourse.i18n import _
from fedgrader.course import ROOT, Lesson, Refusal, load_course, release

FOLDER = ROOT / "lessons"


class NoLessons(Refusal):
    """The notebooks are not here, or not as the course has them; the message says what to do."""


def lesson_file(lesson: Lesson, language: str) -> Path:
    """Where the lesson lies in `language`; somebody may have written into it.

    Raises:
      NoLessons: it is not part of this installation.
    """
    path = FOLDER / language / f"{lesson.slug}.ipynb"
    if not path.exists():
        text = _(
            "{path} is missing. The lessons come with a clone: git clone https://github.com/{repository}"
        )
        raise NoLessons(text.format(path=path, repository=load_course().repository))
    return path


def original(lesson: Lesson, language: str) -> bytes:
    """The lesson in `language` as it was released: its file, or where that was changed, what git has of it.

    Raises:
      NoLessons: there is none.
    """
    path = lesson_file(lesson, language)
    for content in (path.read_bytes(), _committed(path)):
        notebook = release.parsed(content)
        if notebook and release.is_as_released(notebook):
            return content
    text = _(
        "{path} was changed, so there is no new copy to be had. Keep it under another name, and get the file "
        "as it was: git checkout -- {path}"
    )
    raise NoLessons(text.format(path=path))


def _committed(path: Path) -> bytes:
    """What git has of the file; nothing where there is no git, or no clone."""
    show = ["git", "-C", str(path.parent), "show", f"HEAD:./{path.name}"]
    try:
        return subprocess.run(show, capture_output=True, stdin=subprocess.DEVNULL, check=False).stdout
    except OSError:
        return b""
