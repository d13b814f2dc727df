"""The two cells that open every lesson: the links to its other forms, and the set-up."""

import re
from collections.abc import Callable

from fedcourse.i18n import LANGUAGES, N_
from fedgrader.course import Course, Lesson

_HEADER = N_("About {minutes} minutes. Also in {languages}.")
_BADGE = N_("Open in Colab")
SETUP_WORDS = {
    "first": N_("Run me first: I get the course ready."),
    "elsewhere": N_("a machine without the course, such as Colab"),
    "gone": N_(
        "There is no course at this address: it has moved, or its repository is private. Ask whoever gave "
        "you this notebook where it is now."
    ),
    "offline": N_(
        "The course could not be fetched: there is no network, or the server does not answer as it should. "
        "Connect, or wait a little, and run this cell again."
    ),
}

_SETUP = """\
# {first}
try:
    import fedcourse
    import tensorflow_federated
except ModuleNotFoundError:  # {elsewhere}
    from http.client import HTTPException
    from pathlib import Path
    from urllib.request import urlopen

    repository, release = "{repository}", "{release}"
    address = f"{{repository}}/raw/{{release}}/fedcourse/colab.py"
    bridge = Path("{bridge}.py")
    try:
        bridge.write_bytes(urlopen(address, timeout=20).read())
    except (OSError, HTTPException) as error:
        if not bridge.exists():
            gone = "{gone}"
            offline = "{offline}"
            reason = gone if "404" in str(error) else offline
            raise SystemExit(f"{{reason}}\\n{{address}}: {{error}}") from None
    import {bridge}

    {bridge}.start(repository, "{language}", release)
else:
    import nest_asyncio

    nest_asyncio.apply()
    from fedcourse import check, coach, guess, hint, runtime, use_language

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
    about = message(_HEADER).format(minutes=lesson.minutes, languages=others)
    return f"{badge(course, lesson, language, message)}\n\n{about}"


def badge(course: Course, lesson: Lesson, language: str, message: Callable[[str], str]) -> str:
    """The button, in Markdown, that opens the lesson in Colab."""
    image = f"![{message(_BADGE)}](https://colab.research.google.com/assets/colab-badge.svg)"
    return f"[{image}]({_colab(course, lesson, language)})"


def setup(course: Course, language: str, message: Callable[[str], str]) -> str:
    """The code of the set-up cell; only its words and the language code differ between languages."""
    words = {key: message(word) for key, word in SETUP_WORDS.items()}
    # A name of its own for each release: two may lie in one folder.
    bridge = "fedcourse_colab_" + re.sub(r"\W", "_", course.release)
    return _SETUP.format(
        repository=repository_address(course),
        release=course.release,
        bridge=bridge,
        language=language,
        **words,
    )


def repository_address(course: Course) -> str:
    """Where the repository is on the web."""
    return f"https://github.com/{course.repository}"


def _colab(course: Course, lesson: Lesson, language: str) -> str:
    base = "https://colab.research.google.com/github"
    return f"{base}/{course.repository}/blob/{course.release}/lessons/{language}/{lesson.slug}.ipynb"
