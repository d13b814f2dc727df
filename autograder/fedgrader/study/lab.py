"""JupyterLab, opened on a lesson."""

import subprocess
import sys
from pathlib import Path

from fedcourse.i18n import _, current_language
from fedgrader.course import ROOT, Lesson, load_course
from fedgrader.study.progress import NoProgress, course_progress


class NoLessons(RuntimeError):
    """The notebooks are not here; the message says where they are."""


def open_lab(wanted: str | None) -> int:
    """Run JupyterLab until it is closed; its exit code.

    Raises:
      UnknownLesson: the course has no lesson of that name.
      NoLessons: the notebooks are not part of this installation.
    """
    notebook = notebook_path(chosen_lesson(wanted))
    folder = ROOT / "lessons"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    return subprocess.call([*command, f"--LabApp.default_url=/lab/tree/{notebook.relative_to(folder)}"])


def chosen_lesson(wanted: str | None) -> Lesson:
    """The lesson of that number or name; without one the first that is not done, or else the first.

    Raises:
      UnknownLesson: the course has no such lesson.
    """
    course = load_course()
    if wanted is None:
        return _first_open() or course.lessons[0]
    by_number = {str(number): lesson for number, lesson in enumerate(course.lessons, 1)}
    return by_number.get(wanted) or course.lesson(wanted)


def _first_open() -> Lesson | None:
    try:
        return next((one.lesson for one in course_progress() if not one.done), None)
    except NoProgress:
        return None


def notebook_path(lesson: Lesson) -> Path:
    """Where the lesson's notebook in the current language is.

    Raises:
      NoLessons: it is not part of this installation.
    """
    path = ROOT / "lessons" / current_language() / f"{lesson.slug}.ipynb"
    if not path.exists():
        raise NoLessons(
            _(
                "{path} is missing. The lessons come with a clone: git clone https://github.com/{repository}"
            ).format(path=path, repository=load_course().repository)
        )
    return path
