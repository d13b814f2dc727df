"""Checks of lesson 5: computations that are written here and run there."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.finding import Problem
from autograder.plain import describe
from fedcourse.i18n import N_, _

harness = Harness("lesson05_computations")

READINGS, SEQUENCES, NUMBER = "{float32}@CLIENTS", "{float32*}@CLIENTS", "float32@SERVER"

# --- what an answer builds: a computation of the right type ---


def _type_text(parameters: Sequence[str], result: str) -> str:
    """A signature as TFF writes it, without the parameters' names."""
    taken = parameters[0] if len(parameters) == 1 else f"<{','.join(parameters)}>" if parameters else ""
    return f"({taken} -> {result})"


def _signature_problem(
    called: str, built: dict, parameters: list[str], result: str, mistakes: tuple[tuple[str, str], ...] = ()
) -> Problem | None:
    """None for a computation of the wanted type; `mistakes` pairs other types with hints that name them."""
    wanted = _type_text(parameters, result)
    if built["kind"] != "computation":
        return Problem(
            called=called,
            got=_("an object of type `{type}`").format(type=built["kind"]),
            expected=wanted,
            hint=_no_computation_hint(built["kind"]),
        )
    got = _type_text(built["parameters"], built["result"])
    if got == wanted:
        return None
    hint = next((hint for text, hint in mistakes if text == got), None)
    return Problem(
        called=called,
        got=got,
        expected=wanted,
        hint=hint or _type_hint(built["parameters"], built["result"], parameters, result),
    )


def _no_computation_hint(kind: str) -> str:
    if kind == "nothing":
        return _("The function returned nothing. End it with `return` and the result.")
    if kind == "function":
        return _(
            "You return an ordinary Python function, which no phone can run. Put "
            "`@tff.federated_computation(…)` above it, with the type of each argument."
        )
    if kind == "no types":
        return _(
            "The computation knows no types, so it cannot be recorded yet. Write them into the decorator's "
            "parentheses: `@tff.federated_computation(tff.FederatedType(…))`."
        )
    return _(
        "Return the computation itself, not what comes out of calling it: `return` its name, without "
        "parentheses."
    )


def _type_hint(got: list[str], got_result: str, parameters: list[str], result: str) -> str:
    """What the difference between two signatures says about the answer."""
    if not any("@" in text for text in [*got, got_result]):
        return _(
            "This is the TensorFlow part alone: its type has no placement. Map it with `tff.federated_map` "
            "in a `@tff.federated_computation`, and return that one."
        )
    if got != parameters and sorted(got) == sorted(parameters):
        return _("Right parameters, wrong order. Keep the order of the docstring: it is part of the type.")
    if len(got) != len(parameters):
        return _("Count the parameters. The decorator takes one type for each, in order.")
    if got == parameters and "CLIENTS" in got_result and "SERVER" in result:
        return _("Every client keeps a result of its own here. Bring them together at the server.")
    if got == parameters and "SERVER" in got_result and "CLIENTS" in result:
        return _("The result is at the server. It must stay where the readings are: at the clients.")
    if got_result.startswith("float64"):
        return _(
            "A whole number divided by a whole number is a float64 in TensorFlow. Turn them into float32 "
            "first: `tf.cast(…, tf.float32)`."
        )
    if got != parameters and [_elsewhere(text) for text in got] == [_elsewhere(text) for text in parameters]:
        return _("A parameter has the wrong placement. The clients hold readings, the server holds the rest.")
    if got != parameters:
        return _(
            "The parameters are of another type than asked for. A reading is `np.float32`; a sequence of "
            "them is `tff.SequenceType(np.float32)`."
        )
    return _("Return one single float32, and nothing beside it.")


def _elsewhere(text: str) -> str:
    """A federated type without its placement."""
    return text.split("@")[0].strip("{}")


# --- build_add_half ---


def _temperatures(rng: np.random.Generator, size: int, low: float = 15, high: float = 35) -> list[float]:
    """`size` different readings, in tenths of a degree."""
    tenths = rng.choice(np.arange(round(10 * low), round(10 * high)), size, replace=False)
    return [float(tenth) / 10 for tenth in tenths]


def _shown(readings: Sequence[float]) -> str:
    return "[" + ", ".join(f"{reading:g}" for reading in readings) + "]"


@exercise(
    parts={
        N_("takes a reading from each client and leaves the result there"): 1,
        N_("adds half a degree to each reading"): 2,
    },
    hints=(
        N_(
            "You need two computations, one in the other's service. Which one does arithmetic, and which one"
            " says where?"
        ),
        N_(
            "The inner one is a `@tff.tensorflow.computation(np.float32)` that returns `reading + 0.5`. The "
            "outer one is a `@tff.federated_computation` of a federated type, and calls "
            "`tff.federated_map`."
        ),
        N_(
            "Above the outer function: `@tff.federated_computation(tff.FederatedType(np.float32, "
            "tff.CLIENTS))`. In it: `return tff.federated_map(add_half_to_one, readings)`. And at the very "
            "end, return the outer function's name."
        ),
    ),
    why=N_(
        "The inner computation knows one number and no phone. The outer one knows where the numbers are and "
        "no arithmetic. So the same half degree is added at three phones or at three million, and no reading "
        "leaves any of them."
    ),
)
def build_add_half(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(harness.signature)
    called = "build_add_half()"
    problem = _signature_problem(
        called,
        built,
        [READINGS],
        READINGS,
        (
            (
                f"({READINGS} -> {NUMBER})",
                _(
                    "You bring the readings together at the server. Each client's own reading is to be "
                    "corrected, where it is."
                ),
            ),
            (
                f"({READINGS} -> float32@CLIENTS)",
                _(
                    "A broadcast gives all clients one and the same number: `float32@CLIENTS`, without "
                    "braces. Each must keep its own: map, and do not average."
                ),
            ),
            (
                f"({NUMBER} -> {NUMBER})",
                _("You add at the server. The readings are at the clients: `tff.CLIENTS`."),
            ),
        ),
    )
    yield N_("takes a reading from each client and leaves the result there"), problem
    if problem:
        return
    readings = _temperatures(rng, 4)
    [got] = answer.ask(harness.runs, calls=[[readings]])["results"]
    yield N_("adds half a degree to each reading"), _half_problem(got, np.array(readings), called)


def _half_problem(got, readings: np.ndarray, called: str) -> Problem | None:
    def listed(values) -> list[float]:
        return [float(value) for value in np.broadcast_to(values, readings.shape)]

    return judge(
        f"{called}({_shown(readings)})",
        got,
        listed(readings + 0.5),
        _("Each client's own reading comes back, 0.5 higher."),
        (
            (listed(readings), _("The readings came back as they were. Add 0.5, and return the sum.")),
            (listed(readings - 0.5), _("You take half a degree away. Add it.")),
            (listed(readings * 1.5), _("You add half of the reading. Add half a degree: 0.5.")),
            (listed(readings / 2), _("You halve the readings. Add half a degree: 0.5.")),
            (listed(readings + 1), _("Half a degree is added twice.")),
            (listed(0.5), _("This is the half alone. Add it to the reading.")),
            (
                listed(readings.mean() + 0.5),
                _(
                    "Every client got the mean of all, plus a half. Each must keep its own reading: map, and "
                    "do not average."
                ),
            ),
            (
                listed(readings.sum() + 0.5),
                _("Every client got the sum of all, plus a half. Each must keep its own reading."),
            ),
        ),
    )


# --- build_share_above ---


@exercise(
    parts={
        N_("takes the server's threshold and the clients' readings, and returns a number at the server"): 1,
        N_("returns the share of the readings that are above the threshold"): 2,
        N_("broadcasts the threshold, once, and nothing else"): 1,
    },
    hints=(
        N_(
            "A phone can answer only one question: is my reading above the threshold? What must it be told "
            "first, and in which form is its answer easy to average?"
        ),
        N_(
            "Send the threshold down with `tff.federated_broadcast`. Map a `@tff.tensorflow.computation` of "
            "two numbers over it and the readings; it returns 1.0 or 0.0, a "
            "`tf.cast(reading > threshold, tf.float32)`. The mean of ones and zeros is a share."
        ),
        N_(
            "`threshold_at_clients = tff.federated_broadcast(threshold)`; then `return "
            "tff.federated_mean(tff.federated_map(is_above, (threshold_at_clients, readings)))`. The "
            "decorator takes two types: `tff.FederatedType(np.float32, tff.SERVER)` and "
            "`tff.FederatedType(np.float32, tff.CLIENTS)`."
        ),
    ),
    why=N_(
        "One number went down and a one or a zero came up. The server knows the share, and no phone's "
        "temperature. And because the threshold is a parameter, not a number baked into the recording, the "
        "same computation answers for 25 degrees, for 30, and for tomorrow's idea."
    ),
)
def build_share_above(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(harness.signature)
    called = "build_share_above()"
    problem = _signature_problem(
        called,
        built,
        [NUMBER, READINGS],
        NUMBER,
        (
            (
                f"({READINGS} -> {NUMBER})",
                _(
                    "The threshold is no parameter. A Python number that you use inside is recorded once and "
                    "stays for ever; let the server pass the threshold in, and broadcast it."
                ),
            ),
            (
                f"(<{READINGS},{READINGS}> -> {NUMBER})",
                _(
                    "The threshold is at the server when this begins: "
                    "`tff.FederatedType(np.float32, tff.SERVER)`."
                ),
            ),
        ),
    )
    yield (
        N_("takes the server's threshold and the clients' readings, and returns a number at the server"),
        problem,
    )
    if problem:
        return
    # Of eight readings, 2 are above the higher threshold and 1 equals it; 6 are above the lower, 1 equals it.
    ordered = sorted(_temperatures(rng, 8, 20, 40))
    high, low, readings = ordered[5], ordered[1], [float(reading) for reading in rng.permutation(ordered)]
    got = answer.ask(harness.runs, calls=[[high, readings], [low, readings]])
    yield (
        N_("returns the share of the readings that are above the threshold"),
        _share_problem(got, np.array(readings), [high, low], called),
    )
    yield (
        N_("broadcasts the threshold, once, and nothing else"),
        _broadcast_problem(got["broadcasts"], called),
    )


def _share_problem(got: dict, readings: np.ndarray, thresholds: list[float], called: str) -> Problem | None:
    def each(function: Callable[[float], float]) -> list[float]:
        return [float(function(threshold)) for threshold in thresholds]

    size = len(readings)
    first, second = (f"{called}({threshold:g}, {_shown(readings)})" for threshold in thresholds)
    captured = _(
        "The answer does not depend on the threshold that the server passes in. A number from outside is "
        "recorded once and stays for ever: broadcast the parameter, and compare with that."
    )
    return judge(
        _("{first} and {second}").format(first=first, second=second),
        got["results"],
        each(lambda threshold: np.mean(readings > threshold)),
        captured
        if not got["broadcasts"]
        else _("Each phone says 1.0 if its reading is above the threshold and 0.0 if not; average that."),
        (
            (
                each(lambda threshold: np.mean(readings >= threshold)),
                _("A reading that equals the threshold is not above it: `>`, not `>=`."),
            ),
            (
                each(lambda threshold: np.mean(readings < threshold)),
                _(
                    "This is the share below the threshold. Does your comparison get its two numbers in the "
                    "order in which it names them?"
                ),
            ),
            (
                each(lambda threshold: np.mean(readings <= threshold)),
                _("This is the share of the readings that are not above the threshold."),
            ),
            (
                each(lambda threshold: np.sum(readings > threshold)),
                _("This is how many are above. Divide by how many there are; a mean does that."),
            ),
            (
                each(lambda threshold: 100 * np.mean(readings > threshold)),
                _("This is in percent. Return a number between 0 and 1."),
            ),
            (
                each(lambda threshold: readings.mean() > threshold),
                _(
                    "You average first and compare afterwards. Compare at the clients, then average the "
                    "answers."
                ),
            ),
            (
                each(lambda threshold: readings[readings > threshold].mean()),
                _("This is the mean of the readings above the threshold. Average ones and zeros instead."),
            ),
            (
                each(lambda threshold: np.mean(readings - threshold)),
                _("These are differences. Turn the comparison into 1.0 or 0.0 first, then average."),
            ),
            (
                each(lambda threshold: np.sum(readings > threshold) // size),
                captured
                if not got["broadcasts"]
                else _("`//` throws the fraction away. Divide with `/`, in float32."),
            ),
        ),
    )


def _broadcast_problem(broadcasts: list[str], called: str) -> Problem | None:
    if broadcasts == ["float32"]:
        return None
    if not broadcasts:
        hint = _("Nothing is sent down, so no phone can know the server's threshold.")
    elif set(broadcasts) == {"float32"}:
        hint = _("The same number goes down more than once. Broadcast it once, and use that value twice.")
    else:
        hint = _("Every client downloads what you broadcast. Send the threshold alone.")
    return Problem(
        called=called,
        got=_("a broadcast of {types}").format(types=", ".join(broadcasts) or "–"),
        expected=_("one broadcast, of the threshold alone: float32"),
        hint=hint,
    )


# --- build_mean_temperature ---


@exercise(
    parts={
        N_("takes a sequence of readings from each client and returns a number at the server"): 1,
        N_("gives every reading the same say, whoever took it"): 2,
        N_("works when a client has no reading"): 1,
    },
    hints=(
        N_(
            "One phone measured once, another a hundred times. Which two numbers must each of them send, so "
            "that the server can work out the mean of all readings?"
        ),
        N_(
            "On the phone: `readings.reduce(0.0, lambda total, reading: total + reading)` is the total; with "
            "`total + 1.0` it is the count. At the server: `tff.federated_sum` of both, and one division in "
            "a `@tff.tensorflow.computation`."
        ),
        N_(
            "`local = tff.federated_map(total_and_count, readings)`, where `total_and_count` returns an "
            "`OrderedDict(total=…, count=…)`; `sums = tff.federated_sum(local)`; `return "
            "tff.federated_map(divide, (sums.total, sums.count))`."
        ),
    ),
    why=N_(
        "A mean of means asks each phone for one opinion; a sum divided by a sum asks each reading. Totals "
        "and counts can be added in any order and by anyone, and a phone with nothing to say adds zero to "
        "both. In lesson 6 the readings become images and the mean becomes a model's weights."
    ),
)
def build_mean_temperature(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(harness.signature)
    called = "build_mean_temperature()"
    problem = _signature_problem(
        called,
        built,
        [SEQUENCES],
        NUMBER,
        (
            (
                f"({READINGS} -> {NUMBER})",
                _(
                    "Each client has a whole sequence of readings, not one: "
                    "`tff.SequenceType(np.float32)`, the star in `float32*`."
                ),
            ),
            (
                f"({SEQUENCES} -> <{NUMBER},{NUMBER}>)",
                _("Two numbers arrive at the server. Divide one by the other."),
            ),
            (
                f"({SEQUENCES} -> <total=float32,count=float32>@SERVER)",
                _("Two numbers arrive at the server. Divide one by the other."),
            ),
        ),
    )
    yield N_("takes a sequence of readings from each client and returns a number at the server"), problem
    if problem:
        return
    cool, hot, mild = (_temperatures(rng, size, low, low + 9) for size, low in ((1, 10), (6, 30), (2, 20)))
    clients = [cool, hot, mild]
    [got] = answer.ask(harness.runs, calls=[[clients]])["results"]
    yield (
        N_("gives every reading the same say, whoever took it"),
        _every_reading_problem(got, clients, called),
    )
    [got] = answer.ask(harness.runs, calls=[[[*clients, []]]])["results"]
    yield N_("works when a client has no reading"), _no_reading_problem(got, clients, called)


def _every_reading_problem(got, clients: list[list[float]], called: str) -> Problem | None:
    sizes = np.array([len(client) for client in clients])
    totals = np.array([sum(client) for client in clients])
    mean, means = totals.sum() / sizes.sum(), totals / sizes
    floored = _("The fractions are lost. Keep the numbers in float32, and divide with `/`.")
    return judge(
        f"{called}([{', '.join(_shown(client) for client in clients)}])",
        got,
        float(mean),
        _("Add up all readings of all clients, add up how many there are, and divide once."),
        (
            (
                means.mean(),
                _(
                    "This is the mean of the clients' means: the phone with one reading counts as much as "
                    "the one with six."
                ),
            ),
            (totals.sum(), _("This is the total of all readings. Divide by how many there are.")),
            (float(sizes.sum()), _("This is how many readings there are. What is their mean?")),
            (totals.mean(), _("You divide by the number of clients. Divide by the number of readings.")),
            (means.sum(), _("These are the clients' means, added up. Divide once, at the server.")),
            (
                sizes @ totals / sizes.sum(),
                _(
                    "You average the clients' totals, weighted by their counts, so the counts come in twice. "
                    "A weighted mean takes the clients' means; sums take the totals."
                ),
            ),
            (
                totals @ means / totals.sum(),
                _("The weight is the total of a client's readings. It must be how many they are."),
            ),
            (sizes.sum() / totals.sum(), _("The division is upside down.")),
            (np.floor(mean), floored),
            (sizes @ np.floor(means) / sizes.sum(), floored),
            (
                np.mean([client[0] for client in clients]),
                _("Only each client's first reading was used. `reduce` goes through them all."),
            ),
            (
                np.mean([client[-1] for client in clients]),
                _("Only each client's last reading was used: add each reading to what came before."),
            ),
        ),
    )


def _no_reading_problem(got, clients: list[list[float]], called: str) -> Problem | None:
    total, count = sum(sum(client) for client in clients), sum(len(client) for client in clients)
    not_a_number = _(
        "A phone without readings divided 0 by 0, which is no number (nan), and nan spoils every sum that it "
        "meets, even with weight 0. Divide once, at the server; or use `tf.math.divide_no_nan` at the phones."
    )
    return judge(
        f"{called}([{', '.join(_shown(client) for client in [*clients, []])}])",
        got,
        total / count,
        not_a_number
        if _is_nan(got)
        else _(
            "A client without readings must not change the mean: it adds 0 to the total and 0 to the count."
        ),
        (
            (
                total / (count + 1),
                _("The phone without readings counts as if it had measured 0 degrees. Its count is 0."),
            ),
        ),
    )


def _is_nan(got) -> bool:
    return isinstance(got, float | np.ndarray) and np.shape(got) == () and bool(np.isnan(got))


# --- build_range ---


@exercise(
    parts={
        N_("takes a reading from each client and returns a number at the server"): 1,
        N_("returns the highest reading minus the lowest"): 2,
        N_("merges what several clerks have gathered"): 1,
    },
    hints=(
        N_(
            "You are the server, and phones call in one after the other. Which two numbers do you keep on "
            "your notepad? And what is on it before the first call?"
        ),
        N_(
            "The notepad is an `OrderedDict` of `low` and `high`. It starts with infinity in `low` and minus "
            "infinity in `high`, so that any reading replaces both. `tf.minimum` and `tf.maximum` do the "
            "rest, in `accumulate` and in `merge`."
        ),
        N_(
            "`zero` returns `OrderedDict(low=np.float32(np.inf), high=np.float32(-np.inf))`. `accumulate` "
            'takes a notepad and a reading: `low=tf.minimum(so_far["low"], reading)`. `merge` takes two '
            'notepads: `low=tf.minimum(one["low"], other["low"])`. `report` subtracts. Then '
            "`tff.federated_aggregate(readings, zero(), accumulate, merge, report)`."
        ),
    ),
    why=N_(
        "Start, accumulate, merge, report: whatever can be put so can be computed over a million phones, by "
        "many clerks side by side, without anybody keeping the list of readings. Sum, mean, minimum and "
        "maximum are all of this form; so is the clipped and noisy mean of lesson 10."
    ),
)
def build_range(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    built = answer.ask(harness.signature)
    called = "build_range()"
    pair = _("Both extremes arrive at the server. Subtract one from the other, in `report` or with a map.")
    problem = _signature_problem(
        called,
        built,
        [READINGS],
        NUMBER,
        (
            (f"({READINGS} -> <low=float32,high=float32>@SERVER)", pair),
            (f"({READINGS} -> <{NUMBER},{NUMBER}>)", pair),
        ),
    )
    yield N_("takes a reading from each client and returns a number at the server"), problem
    if problem:
        return
    # Around zero; a frost, where all are below; a kiln, where all are far above.
    places = [_temperatures(rng, 5, low, high) for low, high in ((-9, 9), (-40, -5), (1100, 1400))]
    places[0][:2] = [-9.5, 12.5]
    places = [[float(reading) for reading in rng.permutation(place)] for place in places]
    got = answer.ask(harness.runs, calls=[[place] for place in places])["results"]
    problems = [_range_problem(one, np.array(place), called) for one, place in zip(got, places, strict=True)]
    problem = next((problem for problem in problems if problem), None)
    yield N_("returns the highest reading minus the lowest"), problem
    if problem:
        return
    got = answer.ask(harness.runs_by_tree, readings=places[0])
    yield N_("merges what several clerks have gathered"), _merge_problem(got, places[0], called)


def _range_problem(got, readings: np.ndarray, called: str) -> Problem | None:
    low, high = readings.min(), readings.max()
    starts_at_zero = _(
        "An extreme starts at 0, as if some phone had measured 0 degrees. In a frost, and in a kiln, nobody "
        "did. Start with infinity in `low` and minus infinity in `high`."
    )
    starts_too_near = _(
        "An extreme starts at a number that readings can pass. Start with infinity in `low` and minus "
        "infinity in `high`."
    )
    return judge(
        f"{called}({_shown(readings)})",
        got,
        float(high - low),
        _("Keep the lowest and the highest reading so far, and subtract the one from the other at the end."),
        (
            (low - high, _("The sign is wrong: the highest minus the lowest.")),
            (high, _("This is the highest reading. Subtract the lowest.")),
            (low, _("This is the lowest reading. Subtract it from the highest.")),
            (high + low, _("You add the two extremes. Subtract the lowest from the highest.")),
            (max(high, 0) - min(low, 0), starts_at_zero),
            (high - readings.mean(), _("You subtract the mean. Subtract the lowest reading.")),
            *((max(high, -far) - min(low, far), starts_too_near) for far in (99, 100, 999, 1000)),
            (readings.sum(), _("These are all readings, added up. Look for the extremes.")),
            (readings[-1] - readings[0], _("You compare the first and the last. Look at all readings.")),
            (
                -np.inf,
                _(
                    "The extremes stayed where they started. Is `low` kept with `tf.minimum`, and `high` "
                    "with `tf.maximum`?"
                ),
            ),
        ),
    )


def _merge_problem(got, readings: list[float], called: str) -> Problem | None:
    """What is wrong with the range where every reading is gathered by a clerk of its own."""
    want = max(readings) - min(readings)
    if np.shape(got) == () and np.isclose(float(got), want, atol=1e-3):
        return None
    return Problem(
        called=_("{call}, with a clerk for each reading").format(call=f"{called}({_shown(readings)})"),
        got=describe(got),
        expected=describe(want),
        hint=_(
            "`accumulate` is right, `merge` forgets something. It takes the notepads of two clerks, and "
            "must keep the lower of the two `low` and the higher of the two `high`."
        ),
    )
