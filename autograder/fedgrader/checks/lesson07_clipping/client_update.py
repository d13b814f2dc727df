"""The check of `client_update`, lesson 7."""

from collections.abc import Callable, Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson07_clipping import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, shape_of
from fedgrader.guest.problem import Problem

harness = Harness("lesson07_clipping.client_update")


def _batch(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    batch = maths.digits(rng, size)
    return {"x": 0.2 * batch["x"], "y": batch["y"]}


def _exploding_batch(rng: np.random.Generator, weights: Weights, size: int) -> dict[str, np.ndarray]:
    """Few pixels, far too large, and labels that the weights get wrong: a gradient that is far too long."""
    x = np.zeros((size, 784), np.float32)
    x[:, rng.choice(784, 6, replace=False)] = rng.uniform(8, 18, (size, 6))
    best = np.argmax(maths.scores(weights, x), axis=1)
    return {"x": x, "y": ((best + 1) % 10).astype(np.int32)}


def _train(
    weights: Weights, batches: list[dict], rate: float, clip: Callable = lambda gradient: gradient
) -> Weights:
    """Gradient descent in which every gradient goes through `clip`."""
    for batch in batches:
        weights = maths.each(lambda w, g: w - rate * g, weights, clip(maths.gradient(weights, batch)))
    return weights


@exercise(
    parts={
        N_("trains as in lesson 6 while no gradient is too long"): 1,
        N_("clips the gradient of each batch"): 2,
        N_("counts the examples"): 1,
    },
    hints=(
        N_(
            "It is the client's work of lesson 6 with one line more. Where exactly does the gradient "
            "exist, and is not used yet?"
        ),
        N_(
            "Between `tape.gradient(…)` and the step. So each batch's gradient is clipped by itself, "
            "before it is multiplied by the learning rate."
        ),
        N_(
            "`gradients = clip_by_global_norm(tape.gradient(batch_loss, weights), max_norm)`; all else is "
            "as in lesson 6."
        ),
    ),
    why=N_(
        "Now no single batch can throw the model far away: a step is at most `learning_rate * max_norm` "
        "long, whatever the data hold. The phone needs nobody's help for it, and no data leave it. It is "
        "also all that this kind of clipping can do: it works where your code runs."
    ),
)
def client_update(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    start = maths.scaled_to({"kernel": rng.normal(size=(784, 10)), "bias": rng.normal(size=10)}, 0.5)
    rate = float(rng.uniform(0.2, 0.6))
    full, rest = int(rng.integers(4, 8)), int(rng.integers(1, 3))
    three = [_batch(rng, full), _exploding_batch(rng, start, full), _batch(rng, rest)]
    limit = float(rng.uniform(1.5, 2.5) * maths.norm(maths.gradient(start, three[0])))
    many = [_batch(rng, full) for _number in range(int(rng.integers(11, 15)))]
    datasets, max_norms = [three, many, [], three], [1e6, 1e6, 1e6, limit]
    got = answer.ask(
        harness.client_update, weights=start, datasets=datasets, learning_rate=rate, max_norms=max_norms
    )
    called = [_called(*case, rate) for case in zip(datasets, max_norms, strict=True)]
    forms = [_output_problem(*case, start) for case in zip(called, got, strict=True)]
    yield (
        N_("trains as in lesson 6 while no gradient is too long"),
        next(filter(None, forms), None)
        or _free_problem(called[0], got[0]["weights"], start, three, rate)
        or _free_problem(called[1], got[1]["weights"], start, many, rate)
        or judge(
            called[2],
            got[2]["weights"],
            start,
            _("Without a batch there is no step: the weights stay as they are."),
        ),
    )
    if not all(_is_output(result, start) for result in got):
        return
    yield (
        N_("clips the gradient of each batch"),
        _clipped_problem(called[3], got[3]["weights"], start, three, rate, limit),
    )
    counts = [
        _count_problem(result["num_examples"], text, batches)
        for result, text, batches in zip(got, called, datasets, strict=True)
    ]
    yield N_("counts the examples"), next(filter(None, counts[::-1]), None)


def _called(batches: list[dict], max_norm: float, rate: float) -> str:
    """The call, with the sizes of the dataset's batches."""
    return _(
        "client_update(weights, dataset of batches of {sizes} examples, learning_rate={rate}, "
        "max_norm={norm})"
    ).format(sizes=[len(batch["y"]) for batch in batches], rate=f"{rate:.3g}", norm=f"{max_norm:.3g}")


def _is_output(got, start: Weights) -> bool:
    """Whether it has the fields and the shapes that can be compared."""
    is_pair = isinstance(got, dict) and set(got) == {"weights", "num_examples"}
    return is_pair and shape_of(got["num_examples"]) == () and maths.has_form(got["weights"], start)


def _output_problem(called: str, got, start: Weights) -> Problem | None:
    if _is_output(got, start):
        return shared.form_problem(called, got["weights"], start)
    return Problem(
        called=called,
        got=describe(got),
        expected="OrderedDict(weights=OrderedDict(kernel, bias), num_examples=float32)",
        hint=_(
            "Return one `OrderedDict` with the two fields `weights` and `num_examples`; "
            "`weights` keeps the structure that came in."
        ),
    )


def _always(limit: float) -> Callable:
    return lambda gradient: maths.scaled_to(gradient, limit)


def _free_problem(called: str, got, start: Weights, batches: list[dict], rate: float) -> Problem | None:
    trained = _train(start, batches, rate)
    return judge(
        called,
        got,
        trained,
        _(
            "With so large a `max_norm` nothing is clipped: for each batch, new weight = weight minus "
            "`learning_rate` times its gradient, as in lesson 6."
        ),
        (
            (
                start,
                _("The weights came back as they went in. A new value must be given a name: `weights = …`."),
            ),
            (
                _train(start, batches[:1], rate),
                _("Only the first batch was used. Is there a `return` in the loop?"),
            ),
            (
                _train(start, batches, -rate),
                _("The step goes up the slope. Subtract the gradient, do not add it."),
            ),
            (
                _train(start, batches, 1.0),
                _("The step ignores `learning_rate`. Multiply the gradient by it."),
            ),
            (_train(start, batches, rate, _always(1e6)), shared.scaled_up()),
            (
                _train(start, batches, rate, _always(1.0)),
                _("Every gradient was scaled to length 1. Use `max_norm`."),
            ),
            (
                maths.each(np.subtract, trained, start),
                _("This is the change. Return the trained weights; the change comes in the next exercise."),
            ),
        ),
    )


def _clipped_problem(
    called: str, got, start: Weights, batches: list[dict], rate: float, limit: float
) -> Problem | None:
    def clip(gradient: Weights) -> Weights:
        return maths.clip(gradient, limit)

    free = _train(start, batches, rate)
    whole_update = maths.each(np.add, start, maths.clip(maths.each(np.subtract, free, start), limit))
    stepped_and_clipped, at_start = start, []
    for batch in batches:
        at_start.append(maths.gradient(start, batch))
        stepped_and_clipped = maths.clip(_train(stepped_and_clipped, [batch], rate), limit)
    return judge(
        called,
        got,
        _train(start, batches, rate, clip),
        _(
            "For each batch: take the gradient, clip it by its global norm, then make the step with what is "
            "left."
        ),
        (
            (
                free,
                _("Nothing was clipped, though the second batch has a gradient far longer than `max_norm`."),
            ),
            (_train(start, batches, rate, lambda g: maths.clip_layers(g, limit)), shared.per_layer()),
            (_train(start, batches, rate, lambda g: maths.clip_values(g, limit)), shared.by_value()),
            (_train(start, batches, rate, _always(limit)), shared.scaled_up()),
            (
                _train(
                    start,
                    batches,
                    rate,
                    lambda g: maths.each(
                        lambda x: x / rate, maths.clip(maths.each(lambda x: rate * x, g), limit)
                    ),
                ),
                _("You clip the step. Clip the gradient first, then multiply it by `learning_rate`."),
            ),
            (
                whole_update,
                _("The whole update is clipped, once, at the end. Clip the gradient of each batch."),
            ),
            (maths.clip(free, limit), _clips_weights()),
            (stepped_and_clipped, _clips_weights()),
            (
                _train(
                    start,
                    batches,
                    rate,
                    lambda g: g if maths.norm(g) <= limit else maths.each(np.zeros_like, g),
                ),
                _("The long gradient was thrown away. Clipping shortens it, and keeps its direction."),
            ),
            (
                maths.each(lambda w, *g: w - rate * sum(g), start, *map(clip, at_start)),
                _(
                    "Every gradient is taken at the first weights. Take each one at the weights the last "
                    "step left."
                ),
            ),
        ),
    )


def _clips_weights() -> str:
    return _("The weights themselves are clipped. They may be as large as they like; clip the gradient.")


def _count_problem(got, called: str, batches: list[dict]) -> Problem | None:
    sizes = [len(batch["y"]) for batch in batches]
    mistakes: tuple = ()
    if sizes:
        mistakes = (
            ({"num_examples": len(sizes)}, _("These are batches. Count the examples in them.")),
            (
                {"num_examples": sum(sizes) - sizes[1]},
                _(
                    "The examples of the clipped batch are missing. They count too: only the step is "
                    "shortened."
                ),
            ),
            ({"num_examples": sizes[-1]}, _("This is the size of the last batch. Add them all up.")),
            ({"num_examples": 0}, _("The count never grows. Add to it in the loop.")),
        )
    return judge(
        called,
        {"num_examples": got},
        {"num_examples": sum(sizes)},
        _('Add up the number of examples of each batch: `tf.shape(batch["y"])[0]`.'),
        mistakes,
    )
