"""The check of `may_be_passed`, lesson 4."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from fedcourse.i18n import N_, _
from fedcourse.signatures import Placed, Sequence, Struct, Tensor, Type, difference, parse
from fedgrader.checking.exercise import Harness, Step, exercise
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson04_federated_types.may_be_passed")
_NAMES = ("ann", "bo", "cem", "dee", "eli", "fay", "gus")


@exercise(
    parts={N_("lets through what fits"): 1, N_("refuses what does not fit"): 2},
    hints=(
        N_(
            "Where in the computation does it say what it takes? And who asks whom: the wanted type the "
            "given one, or the given one the wanted?"
        ),
        N_(
            "`computation.type_signature.parameter` is what it takes. "
            "`wanted.is_assignable_from(given)` says whether `given` will do."
        ),
        N_(
            "`wanted = computation.type_signature.parameter`, then `{name: "
            "wanted.is_assignable_from(offered_type) for name, offered_type in offered.items()}`."
        ),
    ),
    why=N_(
        "Assignable is weaker than equal, and it has a direction: a value that promises more will do where "
        'less is asked, never the other way round. Seven numbers are "any number of numbers", but any '
        "number of numbers are not seven."
    ),
)
def may_be_passed(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    shelves = _shelves(rng)
    replies = [answer.ask(harness.may_be_passed, parameter=p, offered=offered) for p, offered in shelves]
    problems = [
        _form_problem(reply["says"], offered) or _unchanged_problem(reply["offered"], offered)
        for reply, (_wanted, offered) in zip(replies, shelves, strict=True)
    ]
    problem = next(filter(None, problems), None)
    if problem:
        yield N_("lets through what fits"), problem
        return
    got = [reply["says"] for reply in replies]
    hint = _pattern_hint(shelves, got)
    yield N_("lets through what fits"), _passed_problem(shelves, got, True, hint)
    yield N_("refuses what does not fit"), _passed_problem(shelves, got, False, hint)


def _shelves(rng: np.random.Generator) -> list[tuple[str, dict[str, str]]]:
    """What a computation takes, and the types on offer to it; `int32@SERVER` is what it gives back.

    The names and their order say nothing of the types, and mean other ones on each shelf.
    """
    k = int(rng.integers(3, 30))
    shelves = (
        (
            "{float32[?]}@CLIENTS",
            (
                "{float32[?]}@CLIENTS",
                f"{{float32[{k}]}}@CLIENTS",
                f"float32[{k}]@CLIENTS",
                "float32[?]@SERVER",
                "{int32[?]}@CLIENTS",
                f"{{float32[?,{k}]}}@CLIENTS",
                "int32@SERVER",
            ),
        ),
        (
            f"float32[{k}]@CLIENTS",
            (
                f"float32[{k}]@CLIENTS",
                f"{{float32[{k}]}}@CLIENTS",
                "float32[?]@CLIENTS",
                f"float32[{k + 1}]@CLIENTS",
                f"float32[{k}]@SERVER",
            ),
        ),
        (
            "<a=float32[?],b=int32>*",
            (
                f"<a=float32[{k}],b=int32>*",
                f"<float32[{k}],int32>*",
                f"<b=int32,a=float32[{k}]>*",
                f"<a=float32[{k}],c=int32>*",
                f"<a=float32[{k}],b=int32>",
            ),
        ),
        (
            f"<float32,int32[?,{k}]>@SERVER",
            (
                f"<float32,int32[{k},{k}]>@SERVER",
                f"<float32,int32[{k},?]>@SERVER",
                f"<float32,int32[?,{k}],int32>@SERVER",
                f"<float32,int64[?,{k}]>@SERVER",
                f"<float32,int32[?,{k}]>@CLIENTS",
                "int32@SERVER",
            ),
        ),
    )
    return [
        (
            wanted,
            dict(zip(map(str, rng.permutation(_NAMES)), map(str, rng.permutation(offered)), strict=False)),
        )
        for wanted, offered in shelves
    ]


def _fits(wanted: Type, given: Type) -> bool:
    """Whether a value of type `given` may be passed where `wanted` is asked for, by TFF's rules."""
    if isinstance(wanted, Placed) and isinstance(given, Placed):
        same_place = wanted.placement == given.placement
        return same_place and wanted.all_equal <= given.all_equal and _fits(wanted.member, given.member)
    if isinstance(wanted, Sequence) and isinstance(given, Sequence):
        return _fits(wanted.element, given.element)
    if isinstance(wanted, Struct) and isinstance(given, Struct):
        named = wanted.names == given.names or not any(given.names)
        return (
            named and len(wanted.fields) == len(given.fields) and all(map(_fits, wanted.types, given.types))
        )
    if isinstance(wanted, Tensor) and isinstance(given, Tensor):
        sizes = len(wanted.shape) == len(given.shape) and all(
            w in (None, g) for w, g in zip(wanted.shape, given.shape, strict=True)
        )
        return wanted.dtype == given.dtype and sizes
    return False


def _form_problem(said: Any, offered: dict[str, str]) -> Problem | None:
    if isinstance(said, dict) and set(said) == set(offered):
        if all(isinstance(value, bool) for value in said.values()):
            return None
        hint = _("Say `True` or `False` for each name, nothing else.")
    else:
        hint = _(
            "Return a dictionary with the names in `offered`, all of them, and `True` or `False` for each."
        )
    expected = _("`True` or `False` for each of {names}").format(names=", ".join(offered))
    return Problem("may_be_passed(computation, offered)", describe(said), expected, hint)


def _unchanged_problem(left: dict[str, str], offered: dict[str, str]) -> Problem | None:
    if left == offered:
        return None
    return Problem(
        called="may_be_passed(computation, offered)",
        got=_("`offered` with {names} in it").format(names=describe(left)),
        expected=_("`offered` as it was"),
        hint=_("Whoever called still needs `offered`. Leave it as it is, and make a dictionary of your own."),
    )


def _pattern_hint(shelves: list, got: list[dict[str, bool]]) -> str | None:
    """The hint for a mistake that answers all questions in just this way."""

    def answers(says: Callable[[str, str], bool]) -> list[dict[str, bool]]:
        return [{name: says(wanted, text) for name, text in offered.items()} for wanted, offered in shelves]

    def fits_inside(wanted: str, given: str) -> bool:
        return _fits(*(t.member if isinstance(t, Placed) else t for t in (parse(wanted), parse(given))))

    patterns: tuple[tuple[Callable[[str, str], bool], str], ...] = (
        (
            lambda wanted, given: wanted == given,
            _("You let through only what is of the very same type. `is_assignable_from` asks for less."),
        ),
        (
            lambda wanted, given: _fits(parse(given), parse(wanted)),
            _(
                "You ask in the wrong direction. The type that is wanted asks about the one that is given: "
                "`wanted.is_assignable_from(given)`."
            ),
        ),
        (
            lambda wanted, given: given == "int32@SERVER",
            _("You compare with what the computation gives back. What it takes is its `parameter`."),
        ),
        (lambda wanted, given: True, _("You let everything through.")),
        (
            lambda wanted, given: False,
            _(
                "You refuse everything. Compare with the type of the parameter, "
                "`computation.type_signature.parameter`, not with that of the whole computation."
            ),
        ),
        (fits_inside, _("You forget who has the value. The placement must fit as well as the member.")),
        (
            lambda wanted, given: parse(wanted).__class__ is parse(given).__class__,
            _("Being of the same kind is not enough: placement, dtype, sizes and names must fit too."),
        ),
    )
    return next((hint for says, hint in patterns if got == answers(says)), None)


def _passed_problem(shelves: list, got: list[dict], right: bool, hint: str | None) -> Problem | None:
    """The first value whose right answer is `right` and which got the other."""
    for (wanted, offered), said in zip(shelves, got, strict=True):
        for name, text in offered.items():
            if _fits(parse(wanted), parse(text)) is right and said[name] is not right:
                return Problem(
                    called=_(
                        "may_be_passed(a computation that takes {wanted}, {{'{name}': {type}, …}})"
                    ).format(wanted=wanted, name=name, type=text),
                    got=str(said[name]),
                    expected=str(right),
                    hint=hint or _reason(wanted, text, right),
                )
    return None


def _reason(wanted: str, given: str, right: bool) -> str:
    if right:
        return _("`{given}` promises at least as much as `{wanted}` asks for, so it may be passed.").format(
            given=given, wanted=wanted
        )
    return _(
        "`{given}` does not promise all that `{wanted}` asks for, so it is refused. {difference}"
    ).format(given=given, wanted=wanted, difference=difference(given, wanted))
