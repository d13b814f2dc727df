"""The commands for learners: `lab`, `check`, `watch`, `progress`, `hint`, `solution`."""

import argparse
import json
import sys
from pathlib import Path

from fedcourse.i18n import N_, _, speaking
from fedgrader.cli.commands import CANNOT, NOT_PASSED, PASSED, Command

_EXERCISE = "lesson06_fedavg_by_hand.client_update"
_NOTEBOOK = "lessons/en/lesson06_fedavg_by_hand.ipynb"


def _exercise_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "exercise", metavar=_("EXERCISE"), help=_("for example {name}").format(name=_EXERCISE)
    )


def _notebook_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "notebook",
        metavar=_("NOTEBOOK"),
        type=Path,
        help=_("for example {name}").format(name=_NOTEBOOK),
    )


# --- lab ---


def _lab_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lesson",
        metavar=_("LESSON"),
        nargs="?",
        help=_("its number or name; else the first that is not done"),
    )


def _lab(options: argparse.Namespace) -> int:
    from fedgrader.course import UnknownLesson
    from fedgrader.study.lab import NoLessons, open_lab

    try:
        return open_lab(options.lesson)
    except (UnknownLesson, NoLessons) as error:
        print(error, file=sys.stderr)
        return CANNOT


# --- check ---


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar=_("NOTEBOOK_OR_EXERCISE"),
        help=_("a lesson's notebook, or with --answer an exercise, for example {name}").format(
            name=_EXERCISE
        ),
    )
    parser.add_argument("--answer", metavar="FILE.py", type=Path, help=_("the file that defines the answer"))
    parser.add_argument("--json", action="store_true", help=_("print the verdicts as JSON"))


def _check(options: argparse.Namespace) -> int:
    return _check_answer(options) if options.answer else _check_notebook(options)


def _check_answer(options: argparse.Namespace) -> int:
    from fedgrader.course import UnknownExercise
    from fedgrader.study.check_file import check_file

    try:
        verdict, text = check_file(options.what, options.answer)
    except (UnknownExercise, OSError) as error:
        _print_error(str(error), options, "exercise")
        return CANNOT
    print(json.dumps(verdict, ensure_ascii=False, indent=2) if options.json else text)
    return PASSED if verdict["passed"] else NOT_PASSED


def _check_notebook(options: argparse.Namespace) -> int:
    from fedgrader.study import notebook_run
    from fedgrader.study.words import all_checked, checked

    path = Path(options.what)
    if path.suffix != ".ipynb":
        message = _("To check one exercise, name the file that answers it: `--answer FILE.py`.")
        _print_error(message, options, "exercise")
        return CANNOT
    try:
        notebook = notebook_run.read(path, options.lang)
        with speaking(notebook.language), notebook_run.started(notebook) as process:
            checks = []
            for check in notebook.checks(process):
                checks.append(check)
                if not options.json:
                    print(checked(check), flush=True)
            if not options.json:
                print(all_checked(notebook, checks))
    except notebook_run.CannotStudy as error:
        _print_error(str(error), options, "notebook")
        return CANNOT
    if options.json:
        print(json.dumps([check.verdict.to_json() for check in checks], ensure_ascii=False, indent=2))
    passed = {check.verdict.exercise for check in checks if check.verdict.passed}
    return PASSED if len(passed) == len(notebook.lesson.exercises) else NOT_PASSED


def _print_error(message: str, options: argparse.Namespace, about: str) -> None:
    """To stderr, except where a program reads JSON from stdout."""
    if options.json:
        print(json.dumps({about: options.what, "error": message}, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)


# --- watch ---


def _watch(options: argparse.Namespace) -> int:
    from fedgrader.study import notebook_run
    from fedgrader.study.watch import watch

    try:
        watch(options.notebook, options.lang)
    except notebook_run.CannotStudy as error:
        print(error, file=sys.stderr)
        return CANNOT
    return PASSED


# --- progress ---


def _progress_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print the progress as JSON"))


def _progress(options: argparse.Namespace) -> int:
    from fedgrader.study.progress import NoProgress, course_progress
    from fedgrader.study.words import progress_data, progress_table

    try:
        lessons = course_progress()
    except NoProgress as error:
        print(error, file=sys.stderr)
        return CANNOT
    print(json.dumps(progress_data(lessons), indent=2) if options.json else progress_table(lessons))
    return PASSED


# --- hint, solution ---


def _hint(options: argparse.Namespace) -> int:
    from fedgrader.study.help import hints

    return _printed(hints, options.exercise)


def _solution(options: argparse.Namespace) -> int:
    from fedgrader.study.help import solution

    return _printed(solution, options.exercise)


def _printed(help_with, exercise: str) -> int:
    from fedgrader.course import UnknownExercise
    from fedgrader.study.help import NotYet
    from fedgrader.study.progress import NoProgress

    try:
        print(help_with(exercise))
    except NotYet as error:
        print(error, file=sys.stderr)
        return NOT_PASSED
    except (UnknownExercise, NoProgress) as error:
        print(error, file=sys.stderr)
        return CANNOT
    return PASSED


COMMANDS = (
    Command("lab", N_("open JupyterLab on a lesson"), "lab 6 --lang ko", _lab_arguments, _lab),
    Command(
        "check",
        N_("run all checks of a notebook, or check one answer that stands in a Python file"),
        f"check {_NOTEBOOK}",
        _check_arguments,
        _check,
    ),
    Command(
        "watch",
        N_("check a notebook each time it is saved, and say what to do next"),
        f"watch {_NOTEBOOK}",
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
