"""Where a learner works: a copy of each lesson in each language, made once, and theirs from then on.

A copy with nothing of the learner's in it follows the course. Any other is written by `renew` alone, which
keeps what was there.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from fedcourse.i18n import _, current_language
from fedgrader.course import ROOT, Lesson, Refusal, load_course, release
from fedgrader.course.files import IS_CLONE
from fedgrader.study import originals

NAME = "my"


class NoWorkspace(Refusal):
    """The folder cannot be used; the message says why and what to do."""


def chosen_folder(named: Path | None) -> Path:
    """`named`, else `FEDCOURSE_WORK`, else `my` in the clone; without a clone, here or in a folder above.

    Raises:
      NoWorkspace: the name leads nowhere.
    """
    if named or os.environ.get("FEDCOURSE_WORK"):
        return _full(named or Path(os.environ["FEDCOURSE_WORK"]))
    if IS_CLONE:
        return ROOT / NAME
    here = Path.cwd()
    return next((above / NAME for above in (here, *here.parents) if _is_used(above / NAME)), here / NAME)


def _full(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except RuntimeError as error:  # there is no such user, or a link leads to itself
        raise NoWorkspace(_unusable(path, error)) from None


def _is_used(folder: Path) -> bool:
    return any(folder.glob("*/lesson*.ipynb"))


def _unusable(folder: Path, error: Exception) -> str:
    text = _(
        "Your notebooks cannot be kept in {folder}: {error}. Name another folder with `--folder DIR` or "
        "FEDCOURSE_WORK."
    )
    return text.format(folder=folder, error=error)


def free_name(path: Path, why: str) -> Path:
    """A name beside `path` that no file has; `why` is part of it."""
    names = (path.with_name(f"{path.stem}.{why}-{number}.ipynb") for number in count(1))
    return next(name for name in names if not name.exists())


@dataclass(frozen=True)
class Workspace:
    """The learner's folder, with a folder for each language in it."""

    folder: Path

    def copy(self, lesson: Lesson, language: str) -> Path:
        """Where the learner's copy of the lesson is, or would be."""
        return self.folder / language / f"{lesson.slug}.ipynb"

    def prepare(self, lessons: Iterable[Lesson]) -> list[str]:
        """Make the copies that are missing, in all languages: they link to one another; what there is to say.

        Raises:
          NoLessons: the course's own notebooks are not here.
          NoWorkspace: the folder cannot be written, or is the course's own.
        """
        if self.folder == originals.FOLDER.resolve():
            text = _("{folder} holds the course's own lessons. Name another folder for yours.")
            raise NoWorkspace(text.format(folder=self.folder))
        with self.usable():
            said = [] if self.folder.exists() else [self._welcome()]
            for lesson in lessons:
                for language in load_course().languages:
                    said += self._prepared(lesson, language)
        return said

    @contextmanager
    def usable(self) -> Iterator[None]:
        """Raises NoWorkspace where the folder turns out not to be, in the `with` block."""
        try:
            yield
        except OSError as error:
            raise NoWorkspace(_unusable(self.folder, error)) from None

    def newer(self, lessons: Iterable[Lesson]) -> list[str]:
        """A sentence for each lesson of which the course has a newer version than the learner works in."""
        return [_newer(lesson) for lesson in lessons if not all(map(self._follows, self.copies(lesson)))]

    def _follows(self, copy: Path) -> bool:
        theirs = originals.FOLDER / copy.parent.name / copy.name
        return is_current(copy, release.parsed(theirs.read_bytes()))

    def choose(self, lesson: Lesson, language: str | None) -> Path:
        """The copy in `language`, else the one last worked in, else the one in the current language."""
        worked_in = [path for path in self.copies(lesson) if not is_untouched(path)]
        if language or not worked_in:
            return self.copy(lesson, language or current_language())
        return max(worked_in, key=lambda path: path.stat().st_mtime_ns)

    def copies(self, lesson: Lesson) -> list[Path]:
        """The copies there are of the lesson, in the order of the course's languages."""
        return [path for lang in load_course().languages if (path := self.copy(lesson, lang)).exists()]

    def _welcome(self) -> str:
        text = _(
            "Your notebooks are in {folder}. They are yours: nothing that you write there is overwritten."
        )
        return text.format(folder=self.folder)

    def _prepared(self, lesson: Lesson, language: str) -> list[str]:
        """Make or refresh one copy; what there is to say about it."""
        theirs = originals.lesson_file(lesson, language)
        copy, content = self.copy(lesson, language), theirs.read_bytes()
        found = release.parsed(content)
        is_worked_in = found is None or not release.is_as_released(found)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another command has made it just now
                write_new(copy, content)
        elif not is_untouched(copy) or (_was_reset(copy) if is_worked_in else is_current(copy, found)):
            return []
        else:
            replace(copy, content)
        return [_taken_over(theirs, copy)] if is_worked_in else []


def _newer(lesson: Lesson) -> str:
    text = _(
        "The course has a newer version of {lesson} than yours. To carry your work over into it: {command}"
    )
    return text.format(lesson=lesson.slug, command=f"fedcourse update {lesson.slug.partition('_')[0]}")


def _taken_over(theirs: Path, copy: Path) -> str:
    text = _("{file} holds work of yours: {copy} is a copy of it. Go on there; the file stays as it is.")
    return text.format(file=theirs, copy=copy)


def _was_reset(copy: Path) -> bool:
    return any(copy.parent.glob(f"{copy.stem}.*.ipynb"))


def is_untouched(copy: Path) -> bool:
    """Whether nothing of the learner's is in the file."""
    notebook = release.parsed(copy.read_bytes())
    return notebook is not None and release.is_as_released(notebook)


def is_current(copy: Path, original: release.Notebook | None) -> bool:
    """Whether the copy was made from the course's present version, `original`, as far as can be told."""
    notebook = release.parsed(copy.read_bytes())
    if notebook is None or original is None or not release.recorded(original):
        return True
    if release.recorded(notebook):
        return release.recorded(notebook) == release.recorded(original)
    # Its record is lost. What was not the learner's to write tells.
    texts = {release.digest(cell) for cell in notebook["cells"]}
    return all(release.digest(cell) in texts for cell in original["cells"] if cell["cell_type"] == "markdown")


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there. Raises OSError where it is, or cannot be written."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()  # a full disk may show only here
        except BaseException:  # half a file would be taken for the learner's
            path.unlink()
            raise


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file, all at once, behind a link if it is one; with the same rights.

    Raises OSError where it cannot be written.
    """
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
