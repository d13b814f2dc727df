"""The two cells that open every lesson: the links to its other forms, and the set-up."""

from collections.abc import Callable

from fedcourse.i18n import LANGUAGES, N_
from fedgrader.course import Course, Lesson

_HEADER = N_("About {minutes} minutes. Also in {languages}.")
_BADGE = N_("Open in Colab")
_SETUP_WORDS = {
    "first": N_("Run me first: I get the course ready."),
    "elsewhere": N_("a machine without the course, such as Colab"),
    "offline": N_("No network: the course could not be fetched. Connect, and run this cell again."),
}

_SETUP = """\
# {first}
try:
    import fedcourse
    import tensorflow_federated
except ModuleNotFoundError:  # {elsewhere}
    from pathlib import Path
    from urllib.request import urlopen

    bridge = Path("fedcourse_colab.py")
    try:
        if not bridge.exists():
            bridge.write_bytes(urlopen("{repository}/raw/main/fedcourse/colab.py").read())
    except OSError as error:
        raise SystemExit("{offline}") from error
    import fedcourse_colab

    fedcourse_colab.start("{repository}", "{language}")
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
    badge = f"[![{message(_BADGE)}](https://colab.research.google.com/assets/colab-badge.svg)]"
    about = message(_HEADER).format(minutes=lesson.minutes, languages=others)
    return f"{badge}({_colab(course, lesson, language)})\n\n{about}"


def setup(course: Course, language: str, message: Callable[[str], str]) -> str:
    """The code of the set-up cell; only its words and the language code differ between languages."""
    words = {key: message(word) for key, word in _SETUP_WORDS.items()}
    return _SETUP.format(repository=f"https://github.com/{course.repository}", language=language, **words)


def _colab(course: Course, lesson: Lesson, language: str) -> str:
    base = "https://colab.research.google.com/github"
    return f"{base}/{course.repository}/blob/main/lessons/{language}/{lesson.slug}.ipynb"
