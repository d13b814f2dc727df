"""A learner's notebook, run from the top, with its checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fedcourse.i18n import _
from fedgrader.checking.run import choose_seed
from fedgrader.checking.verdict import Verdict
from fedgrader.course import Lesson, Refusal, load_course
from fedgrader.running.notes import code_cell_number, language_of, sentences, start_notes
from fedgrader.running.run import NotebookRun, RunNotebook
from fedgrader.running.student_process import NotStarted, StudentProcess, student_process
from fedgrader.study.progress import record_check


class CannotStudy(Refusal):
    """The notebook cannot be run; the message says why and what to do."""


@dataclass(frozen=True)
class Checked:
    """A check that was come to: its verdict, and the first error of a cell between it and the one before."""

    verdict: Verdict
    error: str


@dataclass(frozen=True)
class StudyNotebook:
    """A lesson's notebook as it was read from `path`."""

    path: Path
    cells: NotebookNode
    lesson: Lesson
    language: str

    def checks(self, process: StudentProcess, until: str | None = None) -> Iterator[Checked]:
        """Run the cells in `process` and give each check as it is come to; every verdict is recorded.

        The check of the exercise `until` is the last.
        """
        run = NotebookRun(RunNotebook(sandbox=False), self.cells, process, self.lesson.slug, choose_seed)
        error = ""
        for index, cell in enumerate(self.cells.cells):
            if cell.cell_type != "code":
                continue
            run.cell(index, cell)
            if exercise := run.exercise(cell):
                if exercise in run.verdicts:
                    record_check(run.verdicts[exercise])
                    yield Checked(run.verdicts[exercise], error)
                error = ""
                if exercise == until:
                    return
            else:
                error = error or _first_error(self.cells, index)

    @property
    def code(self) -> list[str]:
        """The text of its code cells: what a save must change for the notebook to be run again."""
        return [cell.source for cell in self.cells.cells if cell.cell_type == "code"]

    @property
    def stopped(self) -> str:
        """Why the run ended before the last cell; "" when it did not."""
        return " ".join(sentences(self.cells, "attention"))


def read(path: Path, language: str | None = None) -> StudyNotebook:
    """The notebook at `path`, without outputs; messages are in `language`, else in its own.

    Raises:
      CannotStudy: there is none, or it is no lesson's.
    """
    try:
        cells = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CannotStudy(_("There is no file {path}.").format(path=path)) from None
    except OSError as error:
        raise CannotStudy(_("{path} cannot be read: {error}").format(path=path, error=error)) from None
    except Exception:  # nbformat raises whatever the content leads it to
        raise CannotStudy(
            _(
                "{path} is not a Jupyter notebook, or is damaged. Save it again, or begin the lesson anew "
                "with `fedcourse reset LESSON`, which keeps the file."
            ).format(path=path)
        ) from None
    course = cells.metadata.get("course")
    slug = course.get("slug") if isinstance(course, dict) else path.stem
    lesson = next((lesson for lesson in load_course().lessons if lesson.slug == slug), None)
    if lesson is None:
        raise CannotStudy(
            _("{path} is none of the course's lessons. To begin one: `fedcourse lab LESSON`.").format(
                path=path
            )
        )
    for cell in cells.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    language = language or language_of(cells)
    start_notes(cells)
    return StudyNotebook(path, cells, lesson, language)


@contextmanager
def started(notebook: StudyNotebook) -> Iterator[StudentProcess]:
    """A process to run `notebook` in, which works in its folder.

    Raises:
      CannotStudy: it does not start.
    """
    try:
        folder = notebook.path.resolve().parent
        with student_process(notebook.language, sandboxed=False, folder=folder) as process:
            yield process
    except NotStarted:
        text = _("Python did not start for your notebook. `fedcourse doctor` looks for the cause.")
        raise CannotStudy(text) from None


def _first_error(nb: NotebookNode, index: int) -> str:
    found = [output for output in nb.cells[index].outputs if output.output_type == "error"]
    if not found:
        return ""
    error = ": ".join(filter(None, [found[0].ename, found[0].evalue]))
    return _("Code cell {number} raised {error}").format(number=code_cell_number(nb, index), error=error)
