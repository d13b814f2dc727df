"""The commands for learners: `lab`, `check`, `watch`, `progress`, `hint`, `solution`."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from fedcourse.i18n import N_, _, use_language
from fedgrader.cli.commands import CANNOT, NOT_PASSED, PASSED, Command, folder_argument, named, tell
from fedgrader.course import Refusal, load_course

_EXERCISE = "lesson06.client_update"


def _exercise_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "exercise",
        metavar=_("EXERCISE"),
        nargs="?",
        help=_("for example {name}; else the first that is not passed").format(name=_EXERCISE),
    )


def _chosen(name: str | None) -> str | None:
    """The full name of the exercise that is meant, or None when nothing is left to do; says which it is.

    Raises:
      UnknownName: there is nothing of that name.
    """
    from fedgrader.study.progress import next_exercise

    found = named(name)
    if found and found.exercise:
        return found.exercise
    exercise = next_exercise(found.lesson if found else None)
    if exercise:
        tell(_("The next exercise: {exercise}").format(exercise=exercise))
    elif found:
        tell(_("All exercises of {lesson} are passed. Name one of them.").format(lesson=found.lesson.slug))
    else:
        tell(_("All exercises are passed. Name one of them."))
    return exercise


# --- lab ---


def _lab_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lesson",
        metavar=_("LESSON"),
        nargs="?",
        help=_("its number or name; else the first that is not done"),
    )
    folder_argument(parser)


def _lab(options: argparse.Namespace) -> int:
    from fedgrader.study.lab import open_lab
    from fedgrader.study.progress import next_exercise
    from fedgrader.study.workspace import Workspace, chosen_folder

    course = load_course()
    lesson = course.find(options.lesson or next_exercise() or "1").lesson
    workspace = Workspace(chosen_folder(options.folder))
    for sentence in workspace.prepare(course.lessons) + workspace.newer(course.lessons):
        tell(sentence)
    _warn_of_trouble()
    return open_lab(workspace.choose(lesson, options.lang), workspace.folder)


# --- check, watch ---


def _notebook_argument(parser: argparse.ArgumentParser) -> None:
    words = _(
        "a lesson or an exercise, for example {name}, or a notebook file; else the first exercise that is "
        "not passed"
    )
    parser.add_argument("what", metavar=_("WHAT"), nargs="?", help=words.format(name=_EXERCISE))
    folder_argument(parser)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    _notebook_argument(parser)
    parser.add_argument(
        "--answer", metavar="FILE.py", type=Path, help=_("a file that defines the answer to the exercise")
    )
    parser.add_argument("--json", action="store_true", help=_("print the verdicts as JSON"))


def _notebook(options: argparse.Namespace) -> tuple[Path | None, str | None]:
    """The notebook that is meant, and the exercise in it if one is; (None, None) when nothing is left to do.

    Raises:
      Refusal: there is nothing of that name, or no notebook can be had.
    """
    from fedgrader.study.workspace import Workspace, chosen_folder

    if options.what and options.what.endswith(".ipynb"):
        return Path(options.what), None
    found = named(options.what)
    exercise = found.exercise if found else _chosen(None)
    if not (found or exercise):
        return None, None
    lesson = found.lesson if found else load_course().find(exercise).lesson
    workspace = Workspace(chosen_folder(options.folder))
    for sentence in workspace.prepare([lesson]) + workspace.newer([lesson]):
        tell(sentence)
    path = workspace.choose(lesson, options.lang)
    tell(_("Your notebook: {path}").format(path=path))
    return path, exercise


def _check(options: argparse.Namespace) -> int:
    try:
        _warn_of_trouble()
        return _check_answer(options) if options.answer else _check_notebook(options)
    except Refusal as error:
        if not options.json:
            raise
        about = "exercise" if options.answer else "notebook"
        print(json.dumps({about: options.what, "error": str(error)}, ensure_ascii=False))
        return CANNOT


def _warn_of_trouble() -> None:
    from fedgrader.study.progress import trouble

    if why := trouble():
        tell(why)


def _check_answer(options: argparse.Namespace) -> int:
    from fedgrader.study.check_file import check_file

    if (exercise := _chosen(options.what)) is None:
        return PASSED
    verdict, text = check_file(exercise, options.answer)
    print(json.dumps(verdict, ensure_ascii=False, indent=2) if options.json else text)
    return PASSED if verdict["passed"] else NOT_PASSED


def _check_notebook(options: argparse.Namespace) -> int:
    from fedgrader.study import notebook_run
    from fedgrader.study.words import all_checked, checked

    path, exercise = _notebook(options)
    if path is None:
        return PASSED
    notebook = notebook_run.read(path, options.lang)
    use_language(notebook.language)
    wanted = {exercise} if exercise else set(notebook.lesson.exercise_names)
    checks = []
    with notebook_run.started(notebook) as process:
        for check in notebook.checks(process, until=exercise):
            if check.verdict.exercise in wanted:
                checks.append(check)
                if not options.json:
                    print(checked(check), flush=True)
    if options.json:
        print(json.dumps([check.verdict.to_json() for check in checks], ensure_ascii=False, indent=2))
    else:
        print(all_checked(notebook, checks, wanted))
    passed = {check.verdict.exercise for check in checks if check.verdict.passed}
    return PASSED if passed == wanted else NOT_PASSED


def _watch(options: argparse.Namespace) -> int:
    from fedgrader.study.watch import watch

    _warn_of_trouble()
    path, _exercise = _notebook(options)
    if path:
        watch(path, options.lang)
    return PASSED


# --- progress ---


def _progress_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print the progress as JSON"))


def _progress(options: argparse.Namespace) -> int:
    from fedgrader.study.progress import course_progress
    from fedgrader.study.words import progress_data, progress_table

    lessons = course_progress()
    print(json.dumps(progress_data(lessons), indent=2) if options.json else progress_table(lessons))
    return PASSED


# --- hint, solution ---


def _hint(options: argparse.Namespace) -> int:
    from fedgrader.study.help import hints

    return _printed(hints, options.exercise)


def _solution(options: argparse.Namespace) -> int:
    from fedgrader.study.help import solution

    return _printed(solution, options.exercise)


def _printed(help_with: Callable[[str], str], name: str | None) -> int:
    from fedgrader.study.help import NotYet

    if (exercise := _chosen(name)) is None:
        return PASSED
    try:
        print(help_with(exercise))
    except NotYet as error:
        tell(str(error))
        return NOT_PASSED
    return PASSED


COMMANDS = (
    Command(
        "lab",
        N_("open JupyterLab on your copy of a lesson"),
        "lab 6 --lang ko",
        _lab_arguments,
        _lab,
        N_("JupyterLab is stopped. Your notebooks are kept."),
    ),
    Command(
        "check",
        N_("run the checks of your notebook, or check one answer that stands in a Python file"),
        "check 6",
        _check_arguments,
        _check,
    ),
    Command(
        "watch",
        N_("check your notebook each time it is saved, and say what to do next"),
        "watch 6",
        _notebook_argument,
        _watch,
        N_("No longer watching. Your progress is kept."),
    ),
    Command(
        "progress", N_("show what is done, lesson by lesson"), "progress", _progress_arguments, _progress
    ),
    Command("hint", N_("give the next hint for an exercise"), f"hint {_EXERCISE}", _exercise_argument, _hint),
    Command(
        "solution",
        N_("show the solution, once you have passed or tried twice"),
        f"solution {_EXERCISE}",
        _exercise_argument,
        _solution,
    ),
)
