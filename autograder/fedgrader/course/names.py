"""The names that people give lessons and exercises, from `6` to `lesson06_fedavg_by_hand.client_update`."""

import difflib
import re
from collections.abc import Mapping, Sequence

Names = Mapping[str, Sequence[str]]  # of each lesson, by its slug and in order, the names of its exercises

_NUMBER = re.compile(r"(?:lesson)?[ _-]?0*(\d+)")


def is_number(name: str) -> bool:
    """Whether `name` is a lesson's number, as in `6` or `lesson06`."""
    return bool(_NUMBER.fullmatch(_bare(name)))


def meant(name: str, known: Names) -> list[str]:
    """What `name` may mean: slugs of lessons, or full names of exercises; nothing, one or several.

    A lesson is called by its number, its slug, the beginning of that, or what follows the number there; also
    by its notebook file. An exercise is called by its name, or by its lesson's, a dot, and its own.
    """
    name = _bare(name)
    lesson, dot, exercise = name.rpartition(".")
    if dot:
        return _exercises(exercise, {slug: known[slug] for slug in _lessons(lesson, known)})
    return _lessons(name, known) or _exercises(name, known)


def nearest(name: str, known: Names) -> str:
    """The slug or full name that is most like `name`, which means none."""
    name = _bare(name)
    lesson, _dot, exercise = name.rpartition(".")
    functions = [(slug, function) for slug in _lessons(lesson, known) or known for function in known[slug]]
    called = [(function, f"{slug}.{function}") for slug, function in functions]
    if _lessons(lesson, known):
        return _most_like(exercise, called)
    called += [(full, full) for _function, full in called]
    return _most_like(
        name, [(slug, slug) for slug in known] + [(_title(slug), slug) for slug in known] + called
    )


def _bare(name: str) -> str:
    return name.strip().rpartition("/")[2].removesuffix(".ipynb").lower()


def _title(slug: str) -> str:
    """What follows the lesson's number in its slug."""
    return slug.partition("_")[2]


def _lessons(name: str, known: Names) -> list[str]:
    if number := _NUMBER.fullmatch(name):
        return list(known)[int(number[1]) - 1 :][:1] if int(number[1]) else []
    if name in known:
        return [name]
    is_beginning = name.startswith("lesson") and name != "lesson"
    return [slug for slug in known if _title(slug) == name or (is_beginning and slug.startswith(name))]


def _exercises(name: str, known: Names) -> list[str]:
    return [f"{slug}.{function}" for slug in known for function in known[slug] if name == function.lower()]


def _most_like(name: str, called: list[tuple[str, str]]) -> str:
    """What the spelling most like `name` stands for; `called` pairs spellings and what they stand for."""
    return max(called, key=lambda pair: difflib.SequenceMatcher(None, name, pair[0]).ratio())[1]
