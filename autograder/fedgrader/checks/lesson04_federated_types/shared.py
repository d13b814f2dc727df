"""What the checks of lesson 4 share."""

from typing import Any

from fedcourse.i18n import _
from fedcourse.signatures import NotAType, difference, parse
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem


def type_problem(
    called: str, got: Any, want: str, expected: str, mistakes: tuple[tuple[str, str], ...] = ()
) -> Problem | None:
    """None where `got` is the type `want`; else what differs. `mistakes` pairs types with their hints."""
    if got is None:
        hint = _("Nothing came back. Is there a case in which your function comes to no `return`?")
        return Problem(called, describe(None), expected, hint)
    try:
        told = difference(str(got), want)
    except NotAType:
        told = _("Return TFF types, such as `tff.TensorType(…)` or `tff.FederatedType(…)`.")
    if told is None:
        return None
    hint = next((hint for text, hint in mistakes if got == text), told)
    return Problem(called=called, got=f"`{got}`", expected=expected, hint=hint)


def field_problem(
    called: str, got: dict, name: str, want: str, meant: str, mistakes: tuple[tuple[str, str], ...] = ()
) -> Problem | None:
    """The problem with the type called `name` of the dictionary that came back; `meant` says what it is."""
    if name not in got:
        hint = _("The dictionary has no entry `{name}`. Give it one, under just this name.").format(name=name)
        return Problem(called, describe(list(got)), _("an entry `{name}`").format(name=name), hint)
    expected = _("the type of {meaning}").format(meaning=meant)
    return type_problem(f'{called}["{name}"]', got[name], want, expected, mistakes)


def no_dictionary(called: str, got: Any) -> Problem | None:
    if isinstance(got, dict):
        return None
    return Problem(
        called=called,
        got=_("an object of type `{type}`").format(type=got),
        expected=_("a dictionary of types"),
        hint=_("Return a dictionary that gives each type a name, as the exercise lists them."),
    )


def is_type(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(parse(text))
    except NotAType:
        return False
