"""Make everything that is generated from what is authored: `python -m tools.build` (`make build`).

`<slug>.md` and `solutions/<slug>.py` become `source/<slug>/<slug>.ipynb`; with `<lang>.po`, and through
nbgrader's own preprocessors, they become `lessons/<lang>/<slug>.ipynb`. The catalogs follow the English.
"""

import argparse
import copy
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from tqdm import tqdm

from fedcourse.i18n import LANGUAGES
from fedgrader.course import ROOT, Course, Lesson, load_course, release
from tools import answers, catalogs, messages, publishing
from tools.errors import SourceError
from tools.lesson_notebook import LessonSource, Translator, notebook

Files = dict[Path, bytes]


def lesson_files(root: Path, course: Course, lesson: Lesson, said: dict[str, Translator]) -> Files:
    """Every generated file of one lesson; `said` translates the message catalogs, by language.

    Raises:
      SourceError: the lesson's source is wrong.
    """
    source = LessonSource(root, course, lesson)
    files: Files = {}
    for language in course.languages:
        translate = _english
        if language != "en":
            catalog = lesson_catalog(source, language)
            files[source.folder / f"{language}.po"] = catalogs.written(catalog)
            translate = catalogs.translator(catalog)
        instructor = notebook(source, language, translate, said[language])
        student = released(root, instructor)
        for node in (instructor, student):
            node["metadata"]["course"][release.KEY] = release.record(student["cells"])
        if language == "en":
            files[source.folder / f"{lesson.slug}.ipynb"] = _serialized(instructor)
        files[lesson_path(root, lesson, language)] = _serialized(student)
    return files


def lesson_path(root: Path, lesson: Lesson, language: str) -> Path:
    """Where the student's notebook is."""
    return root / "lessons" / language / f"{lesson.slug}.ipynb"


def lesson_catalog(source: LessonSource, language: str) -> Catalog:
    """The lesson's messages with the translations there are."""
    about = f"{source.lesson.slug} in {LANGUAGES[language]}. Edit msgstr; the build keeps the rest."
    new = catalogs.template(language, about=about)
    for english, kind in source.messages():
        new.add(english, auto_comments=[kind])
    return catalogs.merged(new, catalogs.read(source.folder / f"{language}.po", language))


def message_files(
    root: Path, course: Course, report: Callable[[str], None]
) -> tuple[Files, dict[str, Translator]]:
    """The message catalogs, written and compiled, and for each language what translates with them."""
    files: Files = {}
    said: dict[str, Translator] = dict.fromkeys(course.languages, _english)
    english = messages.extracted(root)
    for language in course.languages[1:]:
        try:
            catalog = messages.catalog(root, language, english)
        except SourceError as error:
            report(str(error))
            continue
        path = messages.catalog_path(root, language)
        files[path] = catalogs.written(catalog, by_message=True)
        files[path.with_suffix(".mo")] = catalogs.compiled(catalog)
        said[language] = catalogs.translator(catalog)
    return files, said


def released(root: Path, instructor: dict) -> dict:
    """What `nbgrader generate_assignment` makes of `instructor`: without solutions, cells locked."""
    student, resources = copy.deepcopy(instructor), {}
    for preprocessor in _release_steps(root):
        student, resources = preprocessor.preprocess(student, resources)
    return student


@cache
def _release_steps(root: Path) -> list:
    """nbgrader's own steps as `nbgrader_config.py` sets them, less those that need kernel or gradebook."""
    from nbgrader import preprocessors
    from nbgrader.converters import GenerateAssignment
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    left_out = {preprocessors.IncludeHeaderFooter, preprocessors.InstantiateTests, preprocessors.SaveCells}
    steps = GenerateAssignment.preprocessors.default()
    return [step(config=config) for step in steps if step not in left_out]


def outputs(root: Path, report: Callable[[str], None]) -> Files:
    """Every generated file below `root`; `report` is told what is wrong with those left out."""
    course = load_course(root)
    files, said = message_files(root, course, report)
    for lesson in tqdm(course.lessons, desc="lessons", leave=False, disable=None):
        try:
            files |= lesson_files(root, course, lesson, said)
        except SourceError as error:
            report(str(error))
    if all(lesson_path(root, lesson, "en") in files for lesson in course.lessons):
        try:
            files |= publishing.files(root, course)
        except SourceError as error:
            report(str(error))
    return files


def stale(files: Files) -> list[Path]:
    """Those of `files` that are not on disk as they should be."""
    return [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]


def strays(root: Path, files: Files) -> list[Path]:
    """Notebooks among the generated ones that no lesson makes any more."""
    found = {*root.glob("lessons/*/*.ipynb"), *root.glob("source/*/*.ipynb")}
    return sorted(found - files.keys())


def stray_message(root: Path, path: Path) -> str:
    """What to do about one of the `strays`."""
    return f"{path.relative_to(root)}: no lesson in course.toml makes it; move it away, or remove it"


def _serialized(node: dict) -> bytes:
    from nbformat import v4

    return (v4.writes(node) + "\n").encode()


def _english(message: str) -> str:
    return message


def _write(files: Files, root: Path) -> None:
    for path in stale(files):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[path])
        print(f"wrote {path.relative_to(root)}")


def _without_answers(files: Files, root: Path, report: Callable[[str], None]) -> Files:
    """Those of `files` that may be written; `report` is told what to do about the others."""
    lessons = [path for path in stale(files) if path.is_relative_to(root / "lessons")]
    held = [path for path in lessons if answers.are_in(path, files[path])]
    for path in held:
        report(answers.advice(root, path))
    return {path: content for path, content in files.items() if path not in held}


def _build_font() -> None:
    """Bring the plots' font up to date where the machine has what it takes; elsewhere a test will tell."""
    from tools import fonts

    if fonts.missing_characters() and fonts.installed_noto():
        fonts.build()
        print(f"wrote {fonts.CJK_FONT.relative_to(ROOT)}")


def main(root: Path = ROOT, arguments: list[str] | None = None) -> int:
    """Build, or with `--check` say what is stale; returns 1 when a source is wrong or a file is stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name stale files")
    only_check = parser.parse_args(arguments).check
    errors: list[str] = []
    files = outputs(root, errors.append)
    extra = strays(root, files) if not errors else []
    writable = _without_answers(files, root, errors.append)
    for line in errors + [stray_message(root, path) for path in extra]:
        print(line, file=sys.stderr)
    if only_check:
        outdated = stale(writable)
        if wrong_tag := publishing.wrong_tag(root):
            errors.append(wrong_tag)
            print(wrong_tag, file=sys.stderr)
        for path in outdated:
            print(f"{path.relative_to(root)}: stale; run `make build`", file=sys.stderr)
        return int(bool(errors or extra or outdated))
    _write(writable, root)
    if root == ROOT:
        _build_font()
    return int(bool(errors or extra))


if __name__ == "__main__":
    sys.exit(main())
