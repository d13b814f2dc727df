"""Checks of lesson 3: a model from scratch."""

from collections.abc import Iterator

import numpy as np

from autograder.answers import AnswerHandle
from autograder.checking import Harness, Step, exercise, judge
from autograder.checks import maths
from autograder.finding import Problem
from autograder.plain import describe, same
from fedcourse.i18n import N_, _

harness = Harness("lesson03_custom_model")

# --- the same maths in numpy: what the answers must return, and what well-known mistakes return instead ---

_COUNTERS = ("loss_sum", "num_correct", "num_examples")


def _variables(rng: np.random.Generator, counted: bool = False) -> dict[str, np.ndarray]:
    """A model in the middle of training; its counters are at zero unless it has `counted`."""
    counters = dict.fromkeys(_COUNTERS, 0.0)
    if counted:
        num_examples = int(rng.integers(20, 60))
        counters = {
            "loss_sum": round(num_examples * rng.uniform(0.3, 0.9), 3),
            "num_correct": num_examples - int(rng.integers(3, 9)),
            "num_examples": num_examples,
        }
    return {
        "kernel": rng.normal(0, 0.1, (784, 10)).astype(np.float32),
        "bias": rng.normal(0, 0.1, 10).astype(np.float32),
        **{name: np.float32(value) for name, value in counters.items()},
    }


def _losses(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The cross-entropy of each example, [n]."""
    return -np.log(maths.softmax(scores)[np.arange(len(labels)), labels])


def _returned_nothing() -> str:
    return _("The function returned nothing. End it with `return` and the result.")


def _field_problem(called: str, got: dict) -> Problem | None:
    """A problem where the answer gave a field of `variables` a new value instead of writing into it."""
    if "sets_a_field" not in got:
        return None
    return Problem(
        called=called,
        got=got["sets_a_field"],
        expected=_("new values inside the variables that are there"),
        hint=_(
            "`variables.x = …` and `variables.x += …` would put something else in the variable's "
            "place. Write "
            "into the variable: `variables.x.assign(…)` or `variables.x.assign_add(…)`."
        ),
    )


# --- forward_pass ---


@exercise(
    parts={
        N_("returns a `BatchOutput` with ten scores for each image"): 1,
        N_("averages the loss over the batch"): 2,
        N_("says how many examples there are"): 1,
    },
    hints=(
        N_(
            "Three lines, one for each field. Which of the three can `predict` make for you, and which one "
            "needs the labels?"
        ),
        N_(
            "`tf.nn.sparse_softmax_cross_entropy_with_logits(labels=…, logits=…)` returns one loss an "
            "example. It takes the scores as `predict` returns them, and applies softmax itself."
        ),
        N_(
            '`scores = predict(variables, batch["x"])`; `losses = '
            'tf.nn.sparse_softmax_cross_entropy_with_logits(labels=batch["y"], logits=scores)`; then return '
            "`tff.learning.models.BatchOutput(loss=tf.reduce_mean(losses), predictions=scores, "
            'num_examples=tf.shape(batch["y"])[0])`.'
        ),
    ),
    why=N_(
        "These three fields are all that TFF's training loop looks at. It takes the gradient of `loss`, and "
        "weighs the client by the sum of `num_examples`. It never asks what is inside: a softmax regression, "
        "a transformer or a decision of your own, as long as the loss can be differentiated."
    ),
)
def forward_pass(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    variables, batch = _variables(rng), maths.digits(rng, 7)
    got = answer.ask(harness.forward_pass, variables=variables, batch=batch)
    called = _("forward_pass(variables, batch of 7 examples)")
    scores = batch["x"] @ variables["kernel"] + variables["bias"]
    output = got.get("result", {})
    problem = _output_problem(called, got, scores) or _changed_problem(called, got, variables)
    yield N_("returns a `BatchOutput` with ten scores for each image"), problem
    if got.get("kind") != "BatchOutput":
        return
    yield N_("averages the loss over the batch"), _loss_problem(called, output.get("loss"), scores, batch)
    yield (
        N_("says how many examples there are"),
        judge(
            called,
            {"num_examples": output.get("num_examples")},
            {"num_examples": 7},
            _('Count the examples of the batch: `tf.shape(batch["y"])[0]`.'),
            (
                (
                    {"num_examples": None},
                    _(
                        "`num_examples` is missing, so TFF has to guess this client's weight. Give "
                        '`tf.shape(batch["y"])[0]`; `.shape[0]` is `None` while the model is recorded, since '
                        "a batch can be of any size."
                    ),
                ),
                ({"num_examples": 784}, _("These are pixels. An example is one image.")),
                ({"num_examples": 7 * 784}, _("These are pixels. An example is one image.")),
                ({"num_examples": 10}, _("These are the ten digits. Count the images.")),
                ({"num_examples": 70}, _("These are all scores, ten an image. Count the images.")),
                ({"num_examples": 1}, _("Not every batch is 1 example. Count those in `batch`.")),
                (
                    {"num_examples": int(batch["y"].sum())},
                    _("This is the sum of the labels. Count them: how long is `y`?"),
                ),
            ),
        ),
    )


def _output_problem(called: str, got: dict, scores: np.ndarray) -> Problem | None:
    if "sets_a_field" in got:
        return _field_problem(called, got)
    if got["kind"] != "BatchOutput":
        return Problem(
            called=called,
            got=_("an object of type `{type}`").format(type=got["kind"]),
            expected="BatchOutput(loss, predictions, num_examples)",
            hint=_returned_nothing()
            if got["kind"] == "NoneType"
            else _("Return a `tff.learning.models.BatchOutput(loss=…, predictions=…, num_examples=…)`."),
        )
    return judge(
        called,
        {"predictions": got["result"].get("predictions")},
        {"predictions": scores},
        _("`predictions` are what `predict` returns for the batch's images: float32[n, 10]."),
        (
            (
                {"predictions": maths.softmax(scores)},
                _(
                    "These are probabilities: softmax has been applied. The loss wants the scores as "
                    "they are "
                    "(logits) and applies softmax itself."
                ),
            ),
            (
                {"predictions": np.log(maths.softmax(scores))},
                _("These are log-probabilities. Return the scores as `predict` makes them."),
            ),
            (
                {"predictions": scores.argmax(axis=1)},
                _("These are the guessed digits. Return all ten scores; picking the highest comes later."),
            ),
            ({"predictions": None}, _("`predictions` is missing. Metrics are worked out from it.")),
        ),
    )


def _changed_problem(called: str, got: dict, variables: dict) -> Problem | None:
    if same(got["variables"], variables):
        return None
    changed = [name for name in variables if not same(got["variables"][name], variables[name])]
    return Problem(
        called=called,
        got=_("other values in {names}").format(names=", ".join(f"`{name}`" for name in changed)),
        expected=_("all variables as they were"),
        hint=_(
            "`forward_pass` only looks. Counting is the next exercise, and every batch would count twice; "
            "the weights are moved by the training loop."
        ),
    )


def _loss_problem(called: str, got, scores: np.ndarray, batch: dict) -> Problem | None:
    losses = _losses(scores, batch["y"])
    one_hot = np.eye(10)[batch["y"]]
    twice = _(
        "Softmax is applied twice: by you, and by the loss, which wants plain scores (logits). Such "
        "a loss can "
        "never come near 0."
    )
    not_averaged = _(
        "The loss is summed over the batch. Average it, or a batch of 20 takes a step twice as long "
        "as one of 10."
    )
    return judge(
        called,
        {"loss": got},
        {"loss": losses.mean()},
        _("The loss is the cross-entropy of each example, averaged with `tf.reduce_mean`."),
        (
            ({"loss": losses}, _("This is one loss an example. Average them: `tf.reduce_mean`.")),
            ({"loss": losses.sum()}, not_averaged),
            (
                {"loss": losses.mean() / 10},
                _("You average over the ten digits too. Average over the examples."),
            ),
            ({"loss": losses.sum() / 784}, _("You divide by the pixels. Divide by the examples.")),
            ({"loss": _losses(maths.softmax(scores), batch["y"]).mean()}, twice),
            ({"loss": _losses(maths.softmax(scores), batch["y"]).sum()}, twice),
            (
                {"loss": -losses.mean()},
                _("The sign is upside down: training would make this loss worse, not better."),
            ),
            (
                {"loss": ((maths.softmax(scores) - one_hot) ** 2).mean()},
                _("This is a squared error. The exercise asks for the cross-entropy."),
            ),
            (
                {"loss": (scores.argmax(axis=1) == batch["y"]).mean()},
                _("This is the accuracy. It has no slope, so nothing could be learnt from it."),
            ),
            ({"loss": None}, _("`loss` is missing. Without it there is nothing to train on.")),
        ),
    )


# --- update_metrics ---


@exercise(
    parts={
        N_("counts the examples"): 1,
        N_("counts those that are read right"): 1,
        N_("adds up the loss, example by example"): 2,
    },
    hints=(
        N_(
            "After two batches, one of 8 examples and one of 3, what must stand in each counter? Say it in "
            "words first. How much of `loss_sum` comes from the second batch?"
        ),
        N_(
            "`output.loss` is the average of n losses, so their sum is `output.loss` times n. A guess is "
            "`tf.argmax(output.predictions, axis=1, output_type=tf.int32)`; compare it with the labels by "
            "`tf.equal`. And `assign_add` adds to what is there."
        ),
        N_(
            "`n = tf.cast(output.num_examples, tf.float32)`; `variables.num_examples.assign_add(n)`; "
            "`variables.loss_sum.assign_add(output.loss * n)`; `variables.num_correct.assign_add("
            'tf.reduce_sum(tf.cast(tf.equal(guesses, batch["y"]), tf.float32)))`.'
        ),
    ),
    why=N_(
        "Three plain sums, and any number of batches goes into them in any order. Had you kept averages, the "
        "small last batch would count as much as a full one, and nobody could mend that later: an "
        "average has "
        "forgotten how many it speaks for."
    ),
)
def update_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sizes, right = (8, 3), (5, 2)
    batches = [maths.digits(rng, size) for size in sizes]
    outputs = [_output(rng, batch["y"], num_right) for batch, num_right in zip(batches, right, strict=True)]
    got = answer.ask(harness.update_metrics, variables=_variables(rng), batches=batches, outputs=outputs)
    called = _("update_metrics(variables, batch, output) on a batch of 8 examples, then on one of 3")
    problem = _field_problem(called, got)
    if problem:
        yield N_("counts the examples"), problem
        return
    after = {name: [float(step[name]) for step in got["result"]] for name in _COUNTERS}
    yield N_("counts the examples"), _examples_problem(called, after["num_examples"], sizes)
    yield N_("counts those that are read right"), _correct_problem(called, after["num_correct"], right, sizes)
    yield (
        N_("adds up the loss, example by example"),
        _loss_sum_problem(called, after["loss_sum"], [output["loss"] for output in outputs], sizes),
    )


def _output(rng: np.random.Generator, labels: np.ndarray, num_right: int) -> dict:
    """A batch's output in which `num_right` examples have their highest score at their label."""
    aimed = labels.copy()
    aimed[num_right:] = (labels[num_right:] + rng.integers(1, 10, len(labels) - num_right)) % 10
    scores = (rng.normal(0, 0.3, (len(labels), 10)) + 4 * np.eye(10)[aimed]).astype(np.float32)
    loss = np.float32(_losses(scores, labels).mean())
    return {"loss": loss, "predictions": scores, "num_examples": np.int32(len(labels))}


def _counter_problem(
    called: str, name: str, got: list, added: list, otherwise: str, mistakes=()
) -> Problem | None:
    """A problem where a counter that began at 0 is not what the two batches have `added`."""

    def shown(first, second):
        return {_("{name} after the first batch").format(name=name): first, _("after the second"): second}

    named = [(shown(first, first + second), hint) for (first, second), hint in mistakes]
    named += [(shown(first, second), _forgets(name)) for (first, second), _hint in mistakes]
    return judge(
        called,
        shown(*got),
        shown(added[0], sum(added)),
        otherwise,
        (
            (shown(0.0, 0.0), _untouched_counter(name)),
            (shown(added[0], added[1]), _forgets(name)),
            *named,
        ),
    )


def _forgets(name: str) -> str:
    return _(
        "`{name}` forgets the batch before: `assign` writes over what is there. `assign_add` adds to it."
    ).format(name=name)


def _untouched_counter(name: str) -> str:
    return _("`{name}` stays at 0. Add to it: `variables.{name}.assign_add(…)`.").format(name=name)


def _examples_problem(called: str, got: list, sizes: tuple) -> Problem | None:
    return _counter_problem(
        called,
        "num_examples",
        got,
        list(sizes),
        _("`num_examples` grows by the number of examples in the batch, `output.num_examples`."),
        (
            ((1.0, 1.0), _("This counts batches. Count the examples in them.")),
            ((80.0, 30.0), _("These are all scores, ten an image. Count the images.")),
            ((8.0 * 784, 3.0 * 784), _("These are pixels. An example is one image.")),
            ((5.0, 2.0), _("`num_examples` counts all examples, not only those that were read right.")),
        ),
    )


def _correct_problem(called: str, got: list, right: tuple, sizes: tuple) -> Problem | None:
    if got == [0.0, 0.0]:
        return Problem(
            called=called,
            got=describe({"num_correct": 0.0}),
            expected=describe({"num_correct": float(sum(right))}),
            hint=_(
                "`num_correct` stays at 0. If nothing adds to it, add. If something does, compare "
                "with `tf.equal`: "
                "where TFF records a model, `==` asks whether two tensors are one and the same object."
            ),
        )
    shares = tuple(r / n for r, n in zip(right, sizes, strict=True))
    return _counter_problem(
        called,
        "num_correct",
        got,
        list(right),
        _("`num_correct` grows by the number of examples whose highest score is at their label."),
        (
            (
                shares,
                _("You add up accuracies. Add up how many are right; the division comes at the very end."),
            ),
            (
                tuple(float(n - r) for r, n in zip(right, sizes, strict=True)),
                _("These are the examples that were read wrongly. Count the right ones."),
            ),
            ((8.0, 3.0), _("Every example is counted as right. Compare the guesses with the labels.")),
            ((1.0, 1.0), _("This counts batches. Count the examples that were read right.")),
        ),
    )


def _loss_sum_problem(called: str, got: list, losses: list, sizes: tuple) -> Problem | None:
    first, second = (float(loss) for loss in losses)
    return _counter_problem(
        called,
        "loss_sum",
        got,
        [first * sizes[0], second * sizes[1]],
        _("`loss_sum` grows by the losses of all examples in the batch: their average times their number."),
        (
            (
                (first, second),
                _(
                    "You add up the batches' average losses, so the batch of 3 says as much as the "
                    "batch of 8. "
                    "Multiply each by its number of examples."
                ),
            ),
            (
                (first / sizes[0], second / sizes[1]),
                _(
                    "`output.loss` is divided by the number of examples already. Multiply to get the "
                    "sum back."
                ),
            ),
            ((first * 80, second * 30), _("You count each image ten times, once a score.")),
        ),
    )


# --- reset_metrics ---


@exercise(
    parts={N_("sets every counter back to zero"): 1, N_("leaves the weights alone"): 1},
    hints=(
        N_("Of the five variables, which were learnt, and which were counted?"),
        N_("Write into a variable with `assign`. Which ones should be 0 afterwards?"),
        N_(
            "`for counter in (variables.loss_sum, variables.num_correct, variables.num_examples):` "
            "and in the "
            "loop `counter.assign(0.0)`."
        ),
    ),
    why=N_(
        "A phone may use one model twice: to train, and to evaluate, say. What was counted the first "
        "time must "
        "not leak into the second. The weights are another matter: they are what all of this is for."
    ),
)
def reset_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    before = _variables(rng, counted=True)
    got = answer.ask(harness.reset_metrics, variables=before)
    called = "reset_metrics(variables)"
    problem = _field_problem(called, got)
    if problem:
        yield N_("sets every counter back to zero"), problem
        return
    after = got["result"]
    counters = {name: after[name] for name in _COUNTERS}
    weights = {name: after[name] for name in ("kernel", "bias")}
    yield N_("sets every counter back to zero"), _zero_problem(called, counters, before)
    yield (
        N_("leaves the weights alone"),
        # A function that does nothing leaves the weights alone, too; it earns nothing for that.
        _zero_problem(called, counters, before)
        if same(after, before)
        else judge(
            called,
            weights,
            {name: before[name] for name in weights},
            _(
                "`kernel` and `bias` are what the model has learnt. Only `loss_sum`, `num_correct` and "
                "`num_examples` go back to 0."
            ),
        ),
    )


def _zero_problem(called: str, got: dict, before: dict) -> Problem | None:
    stale = [f"`{name}`" for name in _COUNTERS if not same(got[name], 0.0)]
    unchanged = all(same(got[name], before[name]) for name in _COUNTERS)
    if unchanged:
        hint = _(
            "The counters still hold what they held, so the next report would mix old with new. Write 0 into "
            "each: `variables.num_examples.assign(0.0)`."
        )
    elif all(same(got[name], 2 * before[name]) for name in _COUNTERS):
        hint = _("The counters have doubled. Write 0 into them: `assign(0.0)`.")
    elif all(same(got[name], 1.0) for name in _COUNTERS):
        hint = _("A counter starts at 0, not at 1: nothing has been counted yet.")
    else:
        hint = _("Not every counter is back at 0: what about {names}?").format(names=", ".join(stale))
    return judge(called, got, dict.fromkeys(_COUNTERS, 0.0), hint)


# --- unfinalized_metrics ---

_PAIRS = {
    "loss": ("loss_sum", "num_examples"),
    "accuracy": ("num_correct", "num_examples"),
    "num_examples": ("num_examples",),
}


@exercise(
    parts={
        N_("lists the sums behind each metric, in an `OrderedDict`"): 1,
        N_("reports sums, not ratios"): 1,
    },
    hints=(
        N_("Which sums must somebody know to work out the accuracy? Which for the loss? For the number?"),
        N_(
            "The accuracy is `num_correct` divided by `num_examples`, so report both, in this order, "
            "and divide "
            "nothing yet."
        ),
        N_(
            "`collections.OrderedDict(loss=[variables.loss_sum, variables.num_examples], accuracy=[…, …], "
            "num_examples=[variables.num_examples])`."
        ),
    ),
    why=N_(
        "Five numbers leave the phone, and every one is a sum over its examples. Sums of many phones "
        "add up to "
        "the sums over all of them; ratios do not. That is why TFF keeps a metric in two halves."
    ),
)
def unfinalized_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    variables = _variables(rng, counted=True)
    got = answer.ask(harness.unfinalized_metrics, variables=variables)
    called = _("unfinalized_metrics(variables) after {count} examples").format(
        count=int(variables["num_examples"])
    )
    values = {name: float(variables[name]) for name in _COUNTERS}
    wanted = {metric: [values[name] for name in names] for metric, names in _PAIRS.items()}
    ratios = {metric: _value(sums) for metric, sums in wanted.items()}
    form = N_("lists the sums behind each metric, in an `OrderedDict`")
    problem = _field_problem(called, got) or _report_problem(called, got, wanted, ratios)
    if "sets_a_field" in got or got["kind"] == "NoneType":
        yield form, problem
        return
    reported = got["result"]
    ratio_problem = _ratio_problem(called, reported, wanted, ratios)
    yield form, None if ratio_problem else problem or _reset_problem(called, got, values)
    yield N_("reports sums, not ratios"), ratio_problem or problem


def _value(sums: list[float]) -> float:
    """A metric's value: a ratio of two sums, or the one sum there is."""
    return sums[0] / sums[1] if len(sums) == 2 else sums[0]


def _ratio_problem(called: str, got, wanted: dict, ratios: dict) -> Problem | None:
    """A problem where a loss or an accuracy is among what is reported, alone or with a number beside it."""
    told = got if isinstance(got, dict) else {}
    for metric in ("loss", "accuracy"):
        value = told.get(metric)
        first = value[0] if isinstance(value, list) and value else value
        if first is not None and same(first, ratios[metric]):
            return Problem(
                called=called,
                got=describe({metric: value}),
                expected=describe({metric: wanted[metric]}),
                hint=_(
                    "`{metric}` is worked out already, and phones' ratios cannot be added up. Report "
                    "the two sums; "
                    "the division waits until the sums of all phones are together."
                ).format(metric=metric),
            )
    return None


def _report_problem(called: str, got: dict, wanted: dict, ratios: dict) -> Problem | None:
    if got["kind"] == "NoneType":
        return Problem(called, got="None", expected=describe(wanted), hint=_returned_nothing())
    reported = got["result"]
    if got["kind"] == "dict" and same(reported, wanted):
        return _plain_dict_problem(called)
    flat = {metric: sums[0] for metric, sums in wanted.items()}
    return judge(
        called,
        reported,
        wanted,
        _(
            "Return an `OrderedDict` of lists: `loss` with `loss_sum` and `num_examples`, `accuracy` with "
            "`num_correct` and `num_examples`, `num_examples` with itself."
        ),
        (
            (
                flat,
                _(
                    "The number of examples is forgotten: from a sum alone nobody can work out an average. "
                    "Report `[loss_sum, num_examples]`, and likewise for the accuracy."
                ),
            ),
            (
                {metric: sums[:1] for metric, sums in wanted.items()},
                _(
                    "The number of examples is forgotten: from a sum alone nobody can work out an average. "
                    "Report `[loss_sum, num_examples]`, and likewise for the accuracy."
                ),
            ),
            (
                wanted | {"num_examples": wanted["num_examples"][0]},
                _("Put `num_examples` into a list too, a list of one: then every metric has a list of sums."),
            ),
            (
                {metric: sums[::-1] for metric, sums in wanted.items()},
                _("Right sums, wrong order: first what is divided, then what it is divided by."),
            ),
            (
                wanted | {"loss": wanted["accuracy"], "accuracy": wanted["loss"]},
                _("`loss` and `accuracy` have changed places."),
            ),
            (
                {metric: wanted[metric] for metric in ("loss", "accuracy")},
                _("The metric `num_examples` is missing: how many examples stand behind the other two."),
            ),
            (
                [wanted["loss"], wanted["accuracy"], wanted["num_examples"]],
                _("Give each list of sums its metric's name: return an `OrderedDict`."),
            ),
            (
                {metric: [0.0] * len(sums) for metric, sums in wanted.items()},
                _("The counters were set to 0 before they were read. Reporting only reads."),
            ),
        ),
    )


def _plain_dict_problem(called: str) -> Problem:
    return Problem(
        called=called,
        got="dict",
        expected="collections.OrderedDict",
        hint=_("TFF refuses a plain `dict` here, because order is part of a type. Use an `OrderedDict`."),
    )


def _reset_problem(called: str, got: dict, values: dict) -> Problem | None:
    left = {name: got["variables"][name] for name in _COUNTERS}
    return judge(
        called, left, values, _("Reporting must not change the counters; `reset_metrics` is there for that.")
    )


# --- metric_finalizers ---


@exercise(
    parts={
        N_("has a function for each metric, in an `OrderedDict`"): 1,
        N_("works out each metric from its sums"): 1,
        N_("is at ease with a client without examples"): 1,
    },
    hints=(
        N_(
            "Each function gets one thing, a list such as `[loss_sum, num_examples]`. Two of the three "
            "functions do the very same."
        ),
        N_(
            "0 divided by 0 is nan, and one nan spoils every sum it is in. `tf.math.divide_no_nan(a, "
            "b)` gives 0 "
            "instead."
        ),
        N_(
            "`def ratio(sums): return tf.math.divide_no_nan(sums[0], sums[1])`; then return "
            "`collections.OrderedDict(loss=ratio, accuracy=ratio, num_examples=lambda sums: sums[0])`."
        ),
    ),
    why=N_(
        "The functions do not know whose sums they get: one batch's, one client's or everybody's. So "
        "TFF is free "
        "to add up first, over all clients, and call them once, at the server."
    ),
)
def metric_finalizers(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    values = {
        name: float(value) for name, value in _variables(rng, counted=True).items() if name in _COUNTERS
    }
    some = {metric: [values[name] for name in names] for metric, names in _PAIRS.items()}
    none = {metric: [0.0] * len(sums) for metric, sums in some.items()}
    got = answer.ask(harness.metric_finalizers, clients=[_floats(some), _floats(none)])
    problem = _finalizers_problem("metric_finalizers()", got)
    yield N_("has a function for each metric, in an `OrderedDict`"), problem
    if "results" not in got:
        return
    of_some, of_none = got["results"]
    yield (
        N_("works out each metric from its sums"),
        _values_problem(_("the finalizers, called with {sums}").format(sums=describe(some)), of_some, some),
    )
    called = _("the finalizers, called with sums that are all 0")
    yield (
        N_("is at ease with a client without examples"),
        judge(
            called,
            of_none,
            dict.fromkeys(_PAIRS, 0.0),
            _("0 divided by 0 is nan. `tf.math.divide_no_nan` gives 0 instead.")
            if any(np.isnan(value).any() for value in of_none.values())
            else _("Where nothing was counted, every metric is 0: `tf.math.divide_no_nan(0.0, 0.0)` is 0."),
        ),
    )


def _floats(sums: dict) -> dict:
    return {metric: [np.float32(value) for value in values] for metric, values in sums.items()}


def _finalizers_problem(called: str, got: dict) -> Problem | None:
    expected = "OrderedDict(loss=…, accuracy=…, num_examples=…)"
    if "names" not in got:
        hint = _("Return an `OrderedDict` with the functions `loss`, `accuracy` and `num_examples`.")
        kind = _("an object of type `{type}`").format(type=got["kind"])
        return Problem(called, kind, expected, _returned_nothing() if got["kind"] == "NoneType" else hint)
    if set(got["names"]) != set(_PAIRS):
        hint = _(
            "Every metric that is reported needs a finalizer of its name: `loss`, `accuracy`, `num_examples`."
        )
        return Problem(called, ", ".join(got["names"]), expected, hint)
    if got["not_functions"]:
        hint = _(
            "Return the functions themselves, without calling them: there are no sums yet to call them with. "
            "TFF calls them later."
        )
        return Problem(called, ", ".join(got["not_functions"]), _("functions"), hint)
    if got["arguments"]:
        hint = _(
            "A finalizer takes one argument, the list of sums: `def ratio(sums):`, and inside `sums[0]` and "
            "`sums[1]`."
        )
        return Problem(called, ", ".join(got["arguments"]), _("functions of one argument"), hint)
    return _plain_dict_problem(called) if got["kind"] == "dict" else None


def _values_problem(called: str, got: dict, sums: dict) -> Problem | None:
    wanted = {metric: _value(values) for metric, values in sums.items()}
    upside_down = {metric: 1 / wanted[metric] for metric in ("loss", "accuracy")}
    only_sums = {metric: values[0] for metric, values in sums.items()}
    wrong = 1 - wanted["accuracy"]
    mistakes = (
        (wanted | upside_down, _("The division is upside down: the number of examples comes second.")),
        (only_sums, _("These are sums, not averages. Divide the first number by the second.")),
        (
            {metric: values[-1] for metric, values in sums.items()},
            _("This is the number of examples for every metric. Divide the first number by the second."),
        ),
        (
            wanted | {"num_examples": 1.0},
            _("`num_examples` is the count itself. There is nothing to divide."),
        ),
        (
            wanted | {"accuracy": wrong},
            _("This is the share that is wrong. Accuracy is the share that is right."),
        ),
        (
            wanted | {"accuracy": only_sums["accuracy"]},
            _("`accuracy` is still a count. Divide it by the number of examples."),
        ),
        (
            wanted | {"loss": only_sums["loss"]},
            _("`loss` is still a sum. Divide it by the number of examples."),
        ),
        (
            wanted | {"accuracy": 100 * wanted["accuracy"]},
            _("Leave the accuracy between 0 and 1; whoever shows it can turn it into percent."),
        ),
        (
            wanted | {metric: float(np.mean(sums[metric])) for metric in ("loss", "accuracy")},
            _("This is the mean of the two numbers in the list. Divide the first by the second."),
        ),
    )
    return judge(
        called,
        got,
        wanted,
        _("`loss` and `accuracy` are the first sum divided by the second; `num_examples` is its only sum."),
        mistakes,
    )


# --- aggregate_metrics ---


@exercise(
    parts={N_("returns the metrics at the server"): 1, N_("gives every example the same say"): 2},
    hints=(
        N_("Two things happen: dividing and adding up. Which one first?"),
        N_(
            "`tff.federated_sum` adds up what is at the clients, field by field, and leaves the sums at the "
            "server. `tff.federated_map(computation, value)` runs a computation where the value is."
        ),
        N_("`sums = tff.federated_sum(unfinalized)`, then `tff.federated_map(finalize, sums)`."),
    ),
    why=N_(
        "First add, then divide. So the server learns the metrics of all examples together, and no "
        "client's own "
        "accuracy: it only ever needed the total. With secure aggregation it could not see more if "
        "it wanted to."
    ),
)
def aggregate_metrics(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    sizes, right = np.array([2.0, 20.0, 5.0]), np.array([2.0, 6.0, 4.0])
    loss_sums = np.round(sizes * np.array([0.1, 2.0, 0.7]) * rng.uniform(0.8, 1.2, 3), 3)
    clients = [
        _floats({"loss": [loss, n], "accuracy": [correct, n], "num_examples": [n]})
        for loss, correct, n in zip(loss_sums, right, sizes, strict=True)
    ]
    got = answer.ask(harness.aggregate_metrics, clients=clients)
    called = _("aggregate_metrics(unfinalized, finalize) with clients of 2, 20 and 5 examples")
    metrics_type = "<loss=float32,accuracy=float32,num_examples=float32>"
    sums_type = "<loss=<float32,float32>,accuracy=<float32,float32>,num_examples=<float32>>"
    divide_last = _("These are the sums, not yet the metrics. Run `finalize` on them, at the server.")
    at_clients = _("Every client has its own numbers here. Bring them together at the server.")
    type_problem = judge(
        called,
        got["type"],
        f"{metrics_type}@SERVER",
        _("Return what `finalize` returns, `loss`, `accuracy` and `num_examples`, placed at the server."),
        (
            (f"{sums_type}@SERVER", divide_last),
            (f"{{{metrics_type}}}@CLIENTS", at_clients),
            (f"{{{sums_type}}}@CLIENTS", at_clients),
        ),
    )
    yield N_("returns the metrics at the server"), type_problem
    if type_problem:
        return
    yield (
        N_("gives every example the same say"),
        _say_problem(called, got["metrics"], loss_sums, right, sizes),
    )


def _say_problem(
    called: str, got, loss_sums: np.ndarray, right: np.ndarray, sizes: np.ndarray
) -> Problem | None:
    def metrics(loss, accuracy, num_examples):
        return {"loss": float(loss), "accuracy": float(accuracy), "num_examples": float(num_examples)}

    total = sizes.sum()
    losses, shares = loss_sums / sizes, right / sizes
    loss, accuracy = loss_sums.sum() / total, right.sum() / total
    not_a_mean = _(
        "`loss` and `accuracy` are right, because the number of clients cancels. `num_examples` is "
        "now a mean: "
        "sum instead, and it is the number of all examples."
    )
    return judge(
        called,
        got,
        metrics(loss, accuracy, total),
        _("Add up the clients' sums with `tff.federated_sum`; only then divide, with `finalize`."),
        (
            (
                metrics(losses.mean(), shares.mean(), sizes.mean()),
                _(
                    "This is the mean of the clients' losses and accuracies: the client with 2 "
                    "examples says as "
                    "much as the one with 20. Add up first, divide afterwards."
                ),
            ),
            (
                metrics(losses.sum(), shares.sum(), total),
                _(
                    "These are the clients' losses and accuracies, added up. Add up their sums "
                    "instead, then divide."
                ),
            ),
            (metrics(loss, accuracy, sizes.mean()), not_a_mean),
            (metrics(loss, accuracy, sizes @ sizes / total), not_a_mean),
            (
                metrics(losses.min(), shares.min(), sizes.min()),
                _("This is the smallest value over the clients. Every example should have its say."),
            ),
            (
                metrics(losses.max(), shares.max(), sizes.max()),
                _("This is the largest value over the clients. Every example should have its say."),
            ),
        ),
    )
