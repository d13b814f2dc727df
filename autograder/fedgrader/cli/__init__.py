"""The command `fedcourse`, in the course's languages."""

import argparse
import gettext
import io
import os
import sys

from fedcourse.home import NoHome
from fedcourse.i18n import DOMAIN, LANGUAGES, LOCALE_DIR, N_, _, current_language, use_language
from fedgrader.cli import instructor, learner, own
from fedgrader.cli.commands import CANNOT, Command, tell
from fedgrader.cli.version import version
from fedgrader.course import Refusal

COMMANDS = (*learner.COMMANDS, *own.COMMANDS, *instructor.COMMANDS)
INTERRUPTED, CLOSED_PIPE = 130, 141  # as shells say it

# What argparse says by itself; it asks gettext for a translation.
_ARGPARSE = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("ignored explicit argument %r"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    _have_output()
    try:
        try:
            return _run(sys.argv[1:] if arguments is None else arguments)
        finally:
            sys.stdout.flush()  # here, where a closed pipe can be told from an error
    except BrokenPipeError:
        # Whoever read has had enough, as `head` does. Python flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except OSError as error:  # the last lines found no room
        tell(_("This could not be done: {error}").format(error=error))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT


def _have_output() -> None:
    """Let output go somewhere, whatever the terminal: it may be closed, or know few letters."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (as long as the process lasts)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(arguments: list[str]) -> int:
    _speak(arguments)
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (Refusal, NoHome) as error:
        tell(str(error))
        return CANNOT
    except BrokenPipeError:
        raise
    except OSError as error:  # what the system refuses, it names
        tell(_("This could not be done: {error}").format(error=error))
        return CANNOT
    except KeyboardInterrupt:
        tell(options.when_stopped())
        return INTERRUPTED


def _speak(arguments: list[str]) -> None:
    """Choose the language before there are help texts to show in it."""
    early = argparse.ArgumentParser(add_help=False)
    early.add_argument("--lang", nargs="?")
    language = early.parse_known_args(arguments)[0].lang
    if language in LANGUAGES:
        use_language(language)
    os.environ["LANGUAGE"] = current_language()
    gettext.bindtextdomain(DOMAIN, LOCALE_DIR)
    gettext.textdomain(DOMAIN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fedcourse",
        description=_("The course on federated learning: learn, check yourself, grade a class."),
        epilog=_("Example: {command}").format(command="fedcourse lab 1 --lang ko"),
    )
    _add_language(parser, default=None)
    words = _("show the version and exit")
    parser.add_argument("--version", action="version", version=f"fedcourse {version()}", help=words)
    commands = parser.add_subparsers(required=True, metavar=_("COMMAND"))
    for command in COMMANDS:
        _add(commands, command)
    return parser


def _add(commands, command: Command) -> None:
    parser = commands.add_parser(
        command.name,
        help=_(command.help),
        description=_(command.help),
        epilog=_("Example: {command}").format(command=f"fedcourse {command.example}"),
    )
    _add_language(parser, default=argparse.SUPPRESS)  # it may stand before the command as well
    command.arguments(parser)
    parser.set_defaults(run=command.run, when_stopped=lambda: _(command.when_stopped))


def _add_language(parser: argparse.ArgumentParser, default: str | None) -> None:
    words = _("language of the messages; else the notebook's, else the locale's")
    parser.add_argument("--lang", choices=LANGUAGES, default=default, help=words)
