"""The command `fedcourse`."""

import argparse
import json
import sys
from pathlib import Path

from fedcourse.i18n import LANGUAGES, use_language

PASSED, NOT_PASSED, CANNOT_CHECK = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    if options.lang:
        use_language(options.lang)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fedcourse", description="The course on federated learning.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = _command(
        commands, "check", _check, "check the answer to an exercise that stands in a Python file"
    )
    check.add_argument(
        "exercise", metavar="EXERCISE", help="for example lesson06_fedavg_by_hand.client_update"
    )
    check.add_argument(
        "--answer", metavar="FILE.py", type=Path, required=True, help="the file that defines the answer"
    )
    check.add_argument("--json", action="store_true", help="print the verdict as JSON")
    _command(commands, "doctor", _doctor, "say what is installed, what is missing, and how to mend it")
    return parser


def _command(commands, name: str, run, description: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=description, description=description)
    command.add_argument("--lang", choices=LANGUAGES, help="language of the messages; else the locale's")
    command.set_defaults(run=run)
    return command


def _check(options: argparse.Namespace) -> int:
    from autograder.check_file import check_file
    from autograder.course import UnknownExercise

    try:
        verdict, text = check_file(options.exercise, options.answer)
    except (UnknownExercise, OSError) as error:
        _print_error(str(error), options)
        return CANNOT_CHECK
    print(json.dumps(verdict, ensure_ascii=False, indent=2) if options.json else text)
    return PASSED if verdict["passed"] else NOT_PASSED


def _print_error(message: str, options: argparse.Namespace) -> None:
    """To stderr, except where a program reads JSON from stdout."""
    if options.json:
        print(json.dumps({"exercise": options.exercise, "error": message}, ensure_ascii=False))
    else:
        print(message, file=sys.stderr)


def _doctor(options: argparse.Namespace) -> int:
    from fedcourse import doctor

    return doctor.run()


if __name__ == "__main__":
    sys.exit(main())
