"""The two cells that open every lesson: the links to its other forms, and the set-up."""

from collections.abc import Callable

from autograder.course import Course, Lesson
from fedcourse.i18n import LANGUAGES, N_

_HEADER = N_("About {minutes} minutes. Also in {languages}.")
_BADGE = N_("Open in Colab")
_SETUP_COMMENTS = {
    "first": N_("Run me first: I get the course ready."),
    "elsewhere": N_("a machine without the course, such as Colab"),
}

_SETUP = """\
# {first}
import sys

if sys.version_info[:2] != (3, 11):
    raise SystemExit("This course needs Python 3.11: follow https://github.com/{repository}#readme")
try:
    import fedcourse
except ModuleNotFoundError:  # {elsewhere}
    %pip install --quiet --no-deps -r https://raw.githubusercontent.com/{repository}/main/requirements.txt
    %pip install --quiet --no-deps git+https://github.com/{repository}
    import fedcourse
import nest_asyncio

nest_asyncio.apply()
from autograder import check, guess, hint, use_language
from fedcourse import coach, runtime

use_language("{language}")
coach.start()
runtime.start()"""


def header(course: Course, lesson: Lesson, language: str, message: Callable[[str], str]) -> str:
    """The Markdown below the title: Colab badge, time needed, the lesson in the other languages.

    A link from notebook to notebook works in Jupyter and on GitHub; Colab needs its own beside it.
    """
    others = " · ".join(
        f"[{LANGUAGES[other]}](../{other}/{lesson.slug}.ipynb) ([Colab]({_colab(course, lesson, other)}))"
        for other in course.languages
        if other != language
    )
    badge = f"[![{message(_BADGE)}](https://colab.research.google.com/assets/colab-badge.svg)]"
    about = message(_HEADER).format(minutes=lesson.minutes, languages=others)
    return f"{badge}({_colab(course, lesson, language)})\n\n{about}"


def setup(course: Course, language: str, message: Callable[[str], str]) -> str:
    """The code of the set-up cell; only its comments and the language code differ between languages."""
    comments = {key: message(comment) for key, comment in _SETUP_COMMENTS.items()}
    return _SETUP.format(repository=course.repository, language=language, **comments)


def _colab(course: Course, lesson: Lesson, language: str) -> str:
    base = "https://colab.research.google.com/github"
    return f"{base}/{course.repository}/blob/main/lessons/{language}/{lesson.slug}.ipynb"
