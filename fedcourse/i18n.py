"""The course's language: one catalog, looked up when a message is made, not when a module loads."""

import gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文", "ko": "한국어", "pt": "Português"}
DOMAIN = "fedcourse"
LOCALE_DIR = Path(__file__).parent / "locale"

_chosen: str | None = None
_spoken: ContextVar[str] = ContextVar("spoken", default="")


def use_language(language: str) -> None:
    """Show messages, hints and plots in `language` ("en", "zh", "ko" or "pt") from now on.

    Raises:
      ValueError: the course has no such language.
    """
    global _chosen
    if language not in LANGUAGES:
        known = ", ".join(f"{code!r} ({name})" for code, name in LANGUAGES.items())
        text = _("There is no language {language!r} here; the course speaks {known}.")
        raise ValueError(text.format(language=language, known=known))
    _chosen = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make messages in `language` inside the `with` block; other threads go on in theirs."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def current_language() -> str:
    """The language being spoken, else the chosen one, else `FEDCOURSE_LANG`, the locale's, English."""
    if chosen := _spoken.get() or _chosen:
        return chosen
    candidates = [
        os.environ.get("FEDCOURSE_LANG"),
        *(os.environ.get(v) for v in ("LC_ALL", "LC_MESSAGES", "LANG")),
    ]
    codes = [(locale.normalize(c).split(".")[0].split("_")[0] or "").lower() for c in candidates if c]
    return next((code for code in codes if code in LANGUAGES), "en")


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)


def _(message: str) -> str:
    """`message` in the current language."""
    return _catalog(current_language()).gettext(message)


def N_(message: str) -> str:
    """Mark `message` for translation where it is written, to be translated later by `_`."""
    return message
