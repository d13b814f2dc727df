"""The check of `client_update`, lesson 7."""

from collections.abc import Callable, Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks import maths
from fedgrader.checks.lesson07_clipping import shared
from fedgrader.checks.maths import Weights
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson07_clipping.client_update")


def _batch(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    return {"x": rng.random((size, 6), dtype=np.float32), "y": rng.integers(0, 3, size).astype(np.int32)}


def _exploding_batch(rng: np.random.Generator, weights: Weights, size: int) -> dict[str, np.ndarray]:
    """Pixels of up to 50, and labels that the weights get wrong: a gradient that is far too long."""
    x = 50 * rng.random((size, 6), dtype=np.float32)
    best = np.argmax(x @ weights["kernel"] + weights["bias"], axis=1)
    return {"x": x, "y": ((best + 1) % 3).astype(np.int32)}


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
    rate, limit, start = 0.5, 2.0, shared.weights(rng, norm=0.5)
    batches = [_batch(rng, 4), _exploding_batch(rng, start, 4), _batch(rng, 2)]
    free, clipped = answer.ask(
        harness.client_update, weights=start, batches=batches, learning_rate=rate, max_norms=[1e6, limit]
    )
    called = _("client_update(weights, dataset of 3 batches, learning_rate=0.5, max_norm={norm})")
    yield (
        N_("trains as in lesson 6 while no gradient is too long"),
        _output_problem(called.format(norm="1e6"), free, start)
        or _free_problem(called.format(norm="1e6"), free["weights"], start, batches, rate),
    )
    if _output_problem("", free, start):
        return
    yield (
        N_("clips the gradient of each batch"),
        _clipped_problem(called.format(norm=limit), clipped["weights"], start, batches, rate, limit),
    )
    yield N_("counts the examples"), _count_problem(clipped["num_examples"], batches)


def _output_problem(called: str, got, start: Weights) -> Problem | None:
    is_output = isinstance(got, dict) and set(got) == {"weights", "num_examples"}
    if is_output and not isinstance(got["num_examples"], dict | list) and np.shape(got["num_examples"]) == ():
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


def _count_problem(got, batches: list[dict]) -> Problem | None:
    sizes = [len(batch["y"]) for batch in batches]
    return judge(
        _("client_update(weights, dataset of 3 batches with 4, 4 and 2 examples, …)"),
        {"num_examples": got},
        {"num_examples": sum(sizes)},
        _('Add up the number of examples of each batch: `tf.shape(batch["y"])[0]`.'),
        (
            ({"num_examples": len(sizes)}, _("These are batches. Count the examples in them.")),
            (
                {"num_examples": sizes[0] + sizes[-1]},
                _(
                    "The examples of the clipped batch are missing. They count too: only the step is "
                    "shortened."
                ),
            ),
            ({"num_examples": sizes[-1]}, _("This is the size of the last batch. Add them all up.")),
            ({"num_examples": 0}, _("The count never grows. Add to it in the loop.")),
        ),
    )
