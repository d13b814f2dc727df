"""The commands about the learner's own notebooks: `update`, `reset`."""

import argparse
from collections.abc import Callable

from fedcourse.i18n import N_, _
from fedgrader.cli.commands import CANNOT, PASSED, Command, folder_argument, named, tell
from fedgrader.course import load_course


def _update_arguments(parser: argparse.ArgumentParser) -> None:
    words = _("its number or name, in all languages or in that of `--lang`; else every lesson")
    parser.add_argument("lesson", metavar=_("LESSON"), nargs="?", help=words)
    folder_argument(parser)


def _reset_arguments(parser: argparse.ArgumentParser) -> None:
    words = _("its number or name, in all languages or in that of `--lang`")
    parser.add_argument("lesson", metavar=_("LESSON"), help=words)
    folder_argument(parser)


def _update(options: argparse.Namespace) -> int:
    from fedgrader.study.renew import update

    return _renewed(update, options)


def _reset(options: argparse.Namespace) -> int:
    from fedgrader.study.renew import reset

    return _renewed(reset, options)


def _renewed(renew: Callable, options: argparse.Namespace) -> int:
    from fedgrader.study.renew import CannotRenew
    from fedgrader.study.workspace import Workspace, chosen_folder

    found = named(options.lesson)
    workspace = Workspace(chosen_folder(options.folder))
    lessons = [found.lesson] if found else load_course().lessons
    for sentence in workspace.prepare(lessons):
        tell(sentence)
    status = PASSED
    for lesson in lessons:
        try:
            for sentence in renew(workspace, lesson, options.lang):
                print(sentence)
        except CannotRenew as refusal:  # the other lessons go on
            tell(str(refusal))
            status = CANNOT
    return status


COMMANDS = (
    Command(
        "update",
        N_("take your notebook up to the course's newer version, with your work in it"),
        "update 6",
        _update_arguments,
        _update,
    ),
    Command(
        "reset",
        N_("begin a lesson anew; your notebook is kept under another name"),
        "reset 6",
        _reset_arguments,
        _reset,
    ),
)
