"""Checks of lesson 4: federated types. A type is compared as text, as TFF prints it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.finding import Problem
from autograder.plain import describe
from fedcourse.i18n import N_, _
from fedcourse.signatures import NotAType, Placed, Sequence, Struct, Tensor, Type, difference, parse

harness = Harness("lesson04_federated_types")

# --- types, and what well-known mistakes write instead ---


def _type_problem(
    called: str, got: Any, want: str, expected: str, mistakes: tuple[tuple[str, str], ...] = ()
) -> Problem | None:
    """None where `got` is the type `want`; else what differs. `mistakes` pairs types with their hints."""
    if got is None:
        hint = _("Nothing came back. Is there a case in which your function comes to no `return`?")
        return Problem(called, _("nothing"), expected, hint)
    try:
        told = difference(str(got), want)
    except NotAType:
        told = _("Return TFF types, such as `tff.TensorType(…)` or `tff.FederatedType(…)`.")
    if told is None:
        return None
    hint = next((hint for text, hint in mistakes if got == text), told)
    return Problem(called=called, got=f"`{got}`", expected=expected, hint=hint)


def _field_problem(
    called: str, got: dict, name: str, want: str, meant: str, mistakes: tuple[tuple[str, str], ...] = ()
) -> Problem | None:
    """The problem with the type called `name` of the dictionary that came back; `meant` says what it is."""
    if name not in got:
        hint = _("The dictionary has no entry `{name}`. Give it one, under just this name.").format(name=name)
        return Problem(called, describe(list(got)), _("an entry `{name}`").format(name=name), hint)
    expected = _("the type of {meaning}").format(meaning=meant)
    return _type_problem(f'{called}["{name}"]', got[name], want, expected, mistakes)


def _no_dictionary(called: str, got: Any) -> Problem | None:
    if isinstance(got, dict):
        return None
    return Problem(
        called=called,
        got=_("an object of type `{type}`").format(type=got),
        expected=_("a dictionary of types"),
        hint=_("Return a dictionary that gives each type a name, as the exercise lists them."),
    )


# --- plain_types ---


@exercise(
    parts={
        N_("writes the types of single tensors"): 1,
        N_("writes the types of structs"): 1,
        N_("writes the type of a dataset"): 1,
    },
    hints=(
        N_(
            "Take the five in order: each is built from those before it. Say for each aloud: a number, an "
            "array, several named things, or any number of the same thing?"
        ),
        N_(
            "`tff.TensorType(dtype, shape)`, with numpy's dtypes and `None` for a size nobody knows yet; "
            '`tff.StructType([("name", type), …])`; `tff.SequenceType(type)`.'
        ),
        N_(
            '`batch` is `tff.StructType([("x", tff.TensorType(np.float32, [None, side * side])), ("y", '
            "tff.TensorType(np.int32, [None]))])`, and `dataset` is `tff.SequenceType(batch)`."
        ),
    ),
    why=N_(
        "Three ways of putting things together are enough for all data in TFF: an array, a struct of "
        "different things, a sequence of things of the same type. Only the sequence and `None` leave a "
        "number open, and both for the same reason: how much a client has is nobody else's business."
    ),
)
def plain_types(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    side = int(rng.choice([5, 7, 12, 14, 20, 32]))
    got = answer.ask(harness.plain_types, side=side)
    called = f"plain_types({side})"
    problem = _no_dictionary(called, got)
    if problem:
        yield N_("writes the types of single tensors"), problem
        return
    image, batch = f"float32[{side},{side}]", f"<x=float32[?,{side * side}],y=int32[?]>"
    use_side = _("`28` is this course's images. Use the argument `side`: here it is {side}.").format(
        side=side
    )
    yield (
        N_("writes the types of single tensors"),
        _field_problem(called, got, "label", "int32", _("one label, an int32"))
        or _field_problem(
            called,
            got,
            "image",
            image,
            _("one image of {side} by {side} pixels, float32").format(side=side),
            (("float32[28,28]", use_side), ("float32[784]", use_side)),
        ),
    )
    example = f"<pixels={image},label=int32>"
    yield (
        N_("writes the types of structs"),
        _field_problem(
            called,
            got,
            "example",
            example,
            _("an image `pixels` and then its `label`"),
            (("<pixels=float32[28,28],label=int32>", use_side),),
        )
        or _field_problem(
            called,
            got,
            "batch",
            batch,
            _("any number of flattened images `x` and of their labels `y`"),
            _batch_mistakes(side, use_side),
        ),
    )
    # A batch that is wrong has been named above: a dataset of just such batches is right.
    own_batch = got["batch"] if _is_type(got.get("batch")) else batch
    yield (
        N_("writes the type of a dataset"),
        _field_problem(
            called,
            got,
            "dataset",
            f"{own_batch}*",
            _("any number of batches, one after the other"),
            (
                (
                    f"{got.get('example')}*",
                    _("These are single examples, one after the other. The client's data come in batches."),
                ),
            ),
        ),
    )


def _batch_mistakes(side: int, use_side: str) -> tuple[tuple[str, str], ...]:
    flat = _("The images in `x` are flattened: a row of `side * side` numbers each.")
    return (
        ("<x=float32[?,784],y=int32[?]>", use_side),
        (f"<x=float32[?,{side},{side}],y=int32[?]>", flat),
        (f"<x=float32[?,{side}],y=int32[?]>", flat),
    )


def _is_type(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(parse(text))
    except NotAType:
        return False


# --- placed_types ---


@exercise(
    parts={
        N_("says what the server and what each client has"): 1,
        N_("tells what all clients share from what each has of its own"): 1,
        N_("writes the type of the round"): 2,
    },
    hints=(
        N_(
            "Ask of each value: who has it? If the clients have it, ask once more: is it the same at all of "
            "them, for sure?"
        ),
        N_(
            "`tff.FederatedType(type, placement)`; with `all_equal=True` as a third argument the braces "
            "disappear. `tff.FunctionType(parameter, result)` is a computation; several named parameters are "
            "one struct."
        ),
        N_(
            "`received_weights` is `tff.FederatedType(weights, tff.CLIENTS, all_equal=True)`. `one_round` is "
            "`tff.FunctionType(collections.OrderedDict(server_weights=…, client_data=…), …)` and its result "
            "is of the type of `server_weights`."
        ),
    ),
    why=N_(
        "The type of a round says more than many a privacy policy: datasets go in at the clients, and what "
        "comes out at the server is weights. A round's result has the type of its first parameter, so that "
        "it can be put in again: that is what makes rounds of it."
    ),
)
def placed_types(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    features, labels = (int(n) for n in rng.choice(np.arange(2, 60), 2, replace=False))
    weights = f"<kernel=float32[{features},{labels}],bias=float32[{labels}]>"
    batch = f"<x=float32[?,{features}],y=int32[?]>"
    got = answer.ask(harness.placed_types, weights=weights, batch=batch)
    called = "placed_types(weights, batch)"
    problem = _no_dictionary(called, got)
    if problem:
        yield N_("says what the server and what each client has"), problem
        return
    at_server, data = f"{weights}@SERVER", f"{{{batch}*}}@CLIENTS"
    yield (
        N_("says what the server and what each client has"),
        _field_problem(called, got, "server_weights", at_server, _("weights that the server has"))
        or _field_problem(
            called, got, "client_data", data, _("datasets of batches, each client having its own")
        ),
    )
    yield (
        N_("tells what all clients share from what each has of its own"),
        _field_problem(
            called, got, "received_weights", f"{weights}@CLIENTS", _("weights, the same at every client")
        )
        or _field_problem(
            called, got, "trained_weights", f"{{{weights}}}@CLIENTS", _("weights, other ones at each client")
        ),
    )
    # As above: parts that are wrong by themselves may be wrong in here.
    own_weights, own_data = (
        got[name] if _is_type(got.get(name)) else right
        for name, right in (("server_weights", at_server), ("client_data", data))
    )
    yield (
        N_("writes the type of the round"),
        _field_problem(
            called,
            got,
            "one_round",
            f"(<server_weights={own_weights},client_data={own_data}> -> {own_weights})",
            _("a computation: the server's weights and the clients' data in, new weights at the server out"),
        ),
    )


# --- result_type ---


@exercise(
    parts={
        N_("broadcast: from the server to all clients"): 1,
        N_("sum and mean: from the clients to the server"): 1,
        N_("map: another value in the same place"): 2,
    },
    hints=(
        N_(
            "A federated type has two parts, `value_type.member` and `value_type.placement`. For each "
            "operator, ask of both: which stays, and which becomes something else?"
        ),
        N_(
            "Broadcast, sum and mean keep the member and change the placement. Map is the other way round: "
            "it keeps the placement, and the new member is `function_type.result`."
        ),
        N_(
            "`tff.FederatedType(value_type.member, tff.CLIENTS, all_equal=True)` for broadcast, "
            "`tff.FederatedType(value_type.member, tff.SERVER)` for sum and mean, "
            "`tff.FederatedType(function_type.result, value_type.placement)` for map."
        ),
    ),
    why=N_(
        "You have written a small part of TFF's own type checker. Notice what it never needed: a value. "
        "Types are known before any phone is asked, so a mistake is found on your desk and not after a night "
        "of training."
    ),
)
def result_type(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    size, other = (int(n) for n in rng.choice(np.arange(2, 60), 2, replace=False))
    struct = f"<kernel=float32[{size},{other}],bias=float32[{other}]>"
    yield (
        N_("broadcast: from the server to all clients"),
        _results_problem(
            answer,
            (
                ("broadcast", f"float32[{size}]@SERVER", f"float32[{size}]@CLIENTS"),
                ("broadcast", f"{struct}@SERVER", f"{struct}@CLIENTS"),
            ),
        ),
    )
    yield (
        N_("sum and mean: from the clients to the server"),
        _results_problem(
            answer,
            (
                ("sum", "{int32}@CLIENTS", "int32@SERVER"),
                ("mean", f"{{{struct}}}@CLIENTS", f"{struct}@SERVER"),
                ("sum", f"float32[{size}]@CLIENTS", f"float32[{size}]@SERVER"),
            ),
        ),
    )
    yield (
        N_("map: another value in the same place"),
        _results_problem(
            answer,
            (
                ("map", f"{{float32[{size}]*}}@CLIENTS", f"(float32[{size}]* -> int32)", "{int32}@CLIENTS"),
                (
                    "map",
                    "<float32,int32>@SERVER",
                    f"(<float32,int32> -> float32[{other}])",
                    f"float32[{other}]@SERVER",
                ),
                ("map", f"float32[{size}]@CLIENTS", f"(float32[{size}] -> float32)", "{float32}@CLIENTS"),
            ),
        ),
    )


def _results_problem(answer: AnswerHandle, cases: tuple[tuple[str, ...], ...]) -> Problem | None:
    """The first problem in the types that come back for the cases; the last of each case is what is right."""
    results = answer.ask(harness.result_type, cases=[case[:-1] for case in cases])
    for (operator, value, *function, want), got in zip(cases, results, strict=True):
        called = f'result_type("{operator}", {", ".join([value, *function])})'
        expected = _("the type of the result")
        problem = _type_problem(called, got, want, expected, _result_mistakes(operator, value, want))
        if problem:
            return problem
    return None


def _result_mistakes(operator: str, value: str, want: str) -> tuple[tuple[str, str], ...]:
    if operator != "map":
        unchanged = _("This is the type of what goes in. `{operator}` brings it to another place.")
        return ((value, unchanged.format(operator=operator)),)
    given, right = parse(value), parse(want)
    function_input = _(
        "`{type}` is what goes into the function. What comes out of it is `function_type.result`."
    ).format(type=given.member)
    return (
        (f"{right.member}@{right.placement}", _kept_all_equal()),
        (str(given), function_input),
        (str(Placed(given.member, right.placement, right.all_equal)), function_input),
    )


def _kept_all_equal() -> str:
    return _(
        "Even if every client has the same value, TFF does not look into the function that is mapped: it may "
        "throw dice. So after a map at the clients each has its own: no `all_equal`."
    )


# --- may_be_passed ---


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
    shelves = _shelves(int(rng.integers(3, 30)))
    got = [answer.ask(harness.may_be_passed, parameter=p, offered=offered) for p, offered in shelves]
    for (_wanted, offered), said in zip(shelves, got, strict=True):
        problem = _form_problem(said, offered)
        if problem:
            yield N_("lets through what fits"), problem
            return
    hint = _pattern_hint(shelves, got)
    yield N_("lets through what fits"), _passed_problem(shelves, got, True, hint)
    yield N_("refuses what does not fit"), _passed_problem(shelves, got, False, hint)


def _shelves(k: int) -> list[tuple[str, dict[str, str]]]:
    """What a computation takes, and the types on offer to it; `int32@SERVER` is what it gives back."""
    return [
        (
            "{float32[?]}@CLIENTS",
            {
                "alike": "{float32[?]}@CLIENTS",
                "fixed": f"{{float32[{k}]}}@CLIENTS",
                "shared": f"float32[{k}]@CLIENTS",
                "central": "float32[?]@SERVER",
                "whole": "{int32[?]}@CLIENTS",
                "table": f"{{float32[?,{k}]}}@CLIENTS",
                "other": "int32@SERVER",
            },
        ),
        (
            f"float32[{k}]@CLIENTS",
            {
                "alike": f"float32[{k}]@CLIENTS",
                "own": f"{{float32[{k}]}}@CLIENTS",
                "open": "float32[?]@CLIENTS",
                "longer": f"float32[{k + 1}]@CLIENTS",
                "central": f"float32[{k}]@SERVER",
            },
        ),
        (
            "<a=float32[?],b=int32>*",
            {
                "fixed": f"<a=float32[{k}],b=int32>*",
                "nameless": f"<float32[{k}],int32>*",
                "turned": f"<b=int32,a=float32[{k}]>*",
                "renamed": f"<a=float32[{k}],c=int32>*",
                "single": f"<a=float32[{k}],b=int32>",
            },
        ),
    ]


def _fits(wanted: Type, given: Type) -> bool:
    """Whether a value of type `given` may be passed where `wanted` is asked for, by TFF's rules."""
    if type(wanted) is not type(given):
        return False
    if isinstance(wanted, Placed):
        same_place = wanted.placement == given.placement
        return same_place and wanted.all_equal <= given.all_equal and _fits(wanted.member, given.member)
    if isinstance(wanted, Sequence):
        return _fits(wanted.element, given.element)
    if isinstance(wanted, Struct):
        named = wanted.names == given.names or not any(given.names)
        return (
            named and len(wanted.fields) == len(given.fields) and all(map(_fits, wanted.types, given.types))
        )
    assert isinstance(wanted, Tensor)
    sizes = len(wanted.shape) == len(given.shape) and all(
        w in (None, g) for w, g in zip(wanted.shape, given.shape, strict=True)
    )
    return wanted.dtype == given.dtype and sizes


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


# --- ink_spread ---


@exercise(
    parts={
        N_("returns two values, both at the server"): 1,
        N_("measures the spread"): 2,
        N_("counts all pages"): 1,
    },
    hints=(
        N_(
            "Mend one error, run, read the next. Write the type of each variable beside it: where is it, and "
            "what is it?"
        ),
        N_(
            "The function comes first in `tff.federated_map`, and its arguments in the order of its own "
            "type. What the server has must be broadcast before the clients can use it. Whole numbers are "
            "added up, not averaged."
        ),
        N_(
            "`center = tff.federated_mean(tff.federated_map(mean_ink, client_pages))`, then "
            "`tff.federated_map(distance, (client_pages, tff.federated_broadcast(center)))`, and "
            "`tff.federated_mean` of that; `tff.federated_sum` for the counts."
        ),
    ),
    why=N_(
        "You mended code you had not run once on data, by reading types. The mean went down to the clients "
        "because the pages could not come up: a value that is needed in two places travels, and the type "
        "shows which one did."
    ),
)
def ink_spread(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    clients = [[round(float(x), 3) for x in rng.uniform(i, i + 1, n)] for i, n in enumerate((4, 1, 2))]
    got = answer.ask(harness.ink_spread, clients=clients)
    called = _("ink_spread(client_pages, mean_ink, distance, count_pages) with clients of 4, 1 and 2 pages")
    yield N_("returns two values, both at the server"), _two_values_problem(called, got["type"])
    value = got["value"]
    if not isinstance(value, dict) or set(value) != {"spread", "num_pages"}:
        return
    yield N_("measures the spread"), _spread_problem(called, value["spread"], clients)
    pages = sum(map(len, clients))
    yield (
        N_("counts all pages"),
        judge(
            called,
            {"num_pages": value["num_pages"]},
            {"num_pages": pages},
            _("Add up the clients' counts with `tff.federated_sum`."),
            (
                (
                    {"num_pages": [len(client) for client in clients]},
                    _("These are the counts of the single clients. Add them up: `tff.federated_sum`."),
                ),
                ({"num_pages": 4}, _("This is the largest client's count. Add up all of them.")),
                ({"num_pages": 1}, _("This is the smallest client's count. Add up all of them.")),
                ({"num_pages": pages / 3}, _("This is the mean of the counts. Their sum is asked for.")),
                ({"num_pages": len(clients)}, _("This is the number of clients. Add up their pages.")),
            ),
        ),
    )


def _two_values_problem(called: str, got: str) -> Problem | None:
    want = "<spread=float32@SERVER,num_pages=int32@SERVER>"
    at_clients = _(
        "Each client still has a `{name}` of its own. Bring them together at the server with "
        "`tff.federated_mean` or `tff.federated_sum`."
    )
    told = tuple(
        (f"<spread={spread},num_pages={num_pages}>", at_clients.format(name=name))
        for spread, num_pages, name in (
            ("{float32}@CLIENTS", "int32@SERVER", "spread"),
            ("{float32}@CLIENTS", "{int32}@CLIENTS", "spread"),
            ("float32@SERVER", "{int32}@CLIENTS", "num_pages"),
        )
    )
    averaged = _("A mean of pages is not how many there are. Add the counts up: `tff.federated_sum`.")
    alone = _("Return both: `collections.OrderedDict(spread=…, num_pages=…)`.")
    return _type_problem(
        called,
        got,
        want,
        _("`spread`, a float32 at the server, and `num_pages`, an int32 at the server"),
        (
            *told,
            ("<spread=float32@SERVER,num_pages=float32@SERVER>", averaged),
            ("float32@SERVER", alone),
            ("int32@SERVER", alone),
        ),
    )


def _spread_problem(called: str, got: Any, clients: list[list[float]]) -> Problem | None:
    """The toy `distance` of a client is |the sum of its pages - center|."""
    sizes, sums = (np.array([f(client) for client in clients]) for f in (len, sum))
    means = sums / sizes

    def distances(center: float | np.ndarray) -> np.ndarray:
        return np.abs(sums - center)

    right = distances(means.mean())
    return judge(
        called,
        {"spread": got},
        {"spread": right.mean()},
        _(
            "Average the clients' inks, broadcast that mean, let each client measure its distance from it, "
            "and average the distances."
        ),
        (
            (
                {"spread": right.tolist()},
                _("These are the distances of the single clients. Average them at the server."),
            ),
            ({"spread": right.sum()}, _("These are the distances, added up. Average them.")),
            ({"spread": means.mean()}, _("This is the mean ink itself. How far are the clients from it?")),
            ({"spread": right.max()}, _("This is the largest distance. Their mean is asked for.")),
            ({"spread": right.min()}, _("This is the smallest distance. Their mean is asked for.")),
            (
                {"spread": distances(means.sum()).mean()},
                _("Your center is the sum of the clients' inks. Average them."),
            ),
            (
                {"spread": distances(sums.sum() / sizes.sum()).mean()},
                _("Your center is weighted by the number of pages. Here each client counts the same."),
            ),
            (
                {"spread": float(right @ sizes / sizes.sum())},
                _("You weighted the distances by the number of pages. Here each client counts the same."),
            ),
            (
                {"spread": distances(means).mean()},
                _("Each client is measured against its own mean. Send all of them the same center."),
            ),
        ),
    )
