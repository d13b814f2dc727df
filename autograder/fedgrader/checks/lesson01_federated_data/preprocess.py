"""The check of `preprocess`, lesson 1."""

from collections.abc import Iterator

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge
from fedgrader.checks.lesson01_federated_data import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe
from fedgrader.guest.problem import Problem

harness = Harness("lesson01_federated_data.preprocess")
_NUMBER, _EPOCHS, _BATCH = 23, 3, 5
_SIZES = [5, 5, 5, 5, 3] * 3


@exercise(
    parts={
        N_("makes x and y, with flat images"): 1,
        N_("makes batches of the right size"): 1,
        N_("goes through every example once an epoch"): 1,
        N_("shuffles examples, not batches"): 1,
        N_("orders every epoch anew, but repeatably"): 1,
    },
    hints=(
        N_(
            "Four methods of `tf.data.Dataset` do the work, and their order is the exercise: `map`, "
            "`shuffle`, `batch`, `repeat`. What would happen if two of them changed places?"
        ),
        N_(
            "Shuffle while the elements are still single images; batch before you repeat, so that no "
            "batch mixes two epochs."
        ),
        N_(
            "`dataset.map(to_example).shuffle(1000, seed=seed).batch(batch_size).repeat(epochs)`, "
            'where `to_example` returns `OrderedDict(x=tf.reshape(element["pixels"], [784]), '
            'y=element["label"])`.'
        ),
    ),
    why=N_(
        "The order of the four calls is the meaning. Shuffling before batching mixes the images; "
        "repeating after batching keeps the epochs apart; and because `shuffle` starts anew at "
        "each repetition, every epoch sees another order, while the seed makes the whole sequence "
        "repeatable."
    ),
)
def preprocess(answer: AnswerHandle, rng: np.random.Generator) -> Iterator[Step]:
    examples = shared.examples(rng, rng.integers(0, 10, _NUMBER))
    seed = int(rng.integers(1, 1000))
    asked = dict(**examples, epochs=_EPOCHS, batch_size=_BATCH, most=shared.ENDLESS)
    batches = answer.ask(harness.preprocess, **asked, seed=seed)
    called = _(
        "preprocess(dataset of {number} images, epochs={epochs}, batch_size={batch}, seed={seed})"
    ).format(number=_NUMBER, epochs=_EPOCHS, batch=_BATCH, seed=seed)
    problem = _form_problem(batches, called)
    yield N_("makes x and y, with flat images"), problem
    if problem:
        return
    sizes = [len(batch["y"]) for batch in batches]
    order = [_seen(batch) for batch in batches]
    flat = [index for batch in order for index in batch]
    yield N_("makes batches of the right size"), _sizes_problem(sizes, called)
    yield (
        N_("goes through every example once an epoch"),
        _epochs_problem(flat, batches, examples["labels"], called),
    )
    yield N_("shuffles examples, not batches"), _shuffle_problem(order, called)
    again, other = (_order(answer.ask(harness.preprocess, **asked, seed=s)) for s in (seed, seed + 1))
    yield N_("orders every epoch anew, but repeatably"), _repeatable_problem(flat, again, other, called)


def _seen(batch: dict) -> list[int]:
    """Which images a batch holds, read from their grey values."""
    return [round(float(grey) * 100) for grey in np.asarray(batch["x"])[:, 0]]


def _order(batches) -> list[int]:
    return [index for batch in batches for index in _seen(batch)]


def _form_problem(batches, called: str) -> Problem | None:
    expected = "tf.data.Dataset[OrderedDict(x=float32[batch, 784], y=int32[batch])]"
    if isinstance(batches, dict):
        advice = _(
            "Return the `tf.data.Dataset` that the last method gave you, without turning it into "
            "something else."
        )
        return Problem(called, _("an object of type `{type}`").format(type=batches["type"]), expected, advice)
    if not batches:
        return Problem(
            called, _("a dataset without a batch"), expected, _("Nothing came out. Check `repeat`.")
        )
    first = batches[0]
    hint = _form_hint(first)
    return (
        Problem(called, _("batches like {batch}").format(batch=describe(first)), expected, hint)
        if hint
        else None
    )


def _form_hint(batch) -> str | None:
    if isinstance(batch, dict) and set(batch) == {"label", "pixels"}:
        return _(
            "The fields still have their old names. Rename them in `map`; and go on with what each "
            "method returns, for it leaves the old dataset as it was."
        )
    if not isinstance(batch, dict) or set(batch) != {"x", "y"}:
        return _("Each element must be an `OrderedDict` with just the two fields `x` and `y`.")
    x, y = np.asarray(batch["x"]), np.asarray(batch["y"])
    if x.dtype != np.float32:
        return _("`x` must stay float32.")
    if x.ndim == 1 and x.shape == (784,):
        return _("These are single images. Batch them.")
    if x.ndim != 2 or x.shape[1] != 784:
        return _('Flatten each image: `tf.reshape(element["pixels"], [784])`, before batching.')
    if y.ndim != 1:
        return _("`y` has one dimension too many: one number for each image of the batch is enough.")
    if y.dtype != np.int32:
        return _("`y` must stay int32, as it was: TFF compares types exactly.")
    if not set(np.round(x[:, 0] * 100, 3)) <= set(range(_NUMBER)):
        return _("The pixels' values have changed. Leave them: they lie between 0 and 1 already.")
    return None


def _sizes_problem(sizes: list[int], called: str) -> Problem | None:
    straddling = [5] * 13 + [4]
    mixed = sizes if sorted(sizes) == sorted(_SIZES) else None
    endless = sizes if len(sizes) >= shared.ENDLESS else None
    return judge(
        called,
        sizes,
        _SIZES,
        _("Each epoch is cut into batches of `batch_size`, and only its last batch may be smaller."),
        (
            (straddling, _("A batch mixes two epochs. Batch first, repeat afterwards.")),
            ([5] * 4 * 3, _("The last examples of each epoch are dropped. Leave `drop_remainder` out.")),
            (
                [5] * 13,
                _("The last examples are dropped, and batches mix epochs. Batch first, repeat afterwards."),
            ),
            ([5, 5, 5, 5, 3], _("One epoch came out. Repeat the dataset `epochs` times.")),
            ([5, 5, 5, 5, 3] * 2, _("An epoch is missing: `repeat(epochs)` already includes the first.")),
            ([5, 5, 5, 5, 3] * 4, _("One epoch too many: `repeat(epochs)` already includes the first.")),
            ([23] * 3, _("The whole dataset became one batch. Use `batch_size`.")),
            (
                mixed,
                _("A small batch comes too early: whole batches are shuffled. Shuffle before you batch."),
            ),
            (endless, _("`repeat()` without a number never ends. Use `repeat(epochs)`.")),
        ),
        expected=_("batches of the sizes {sizes}").format(sizes=_SIZES),
    )


def _epochs_problem(flat: list[int], batches: list, labels: np.ndarray, called: str) -> Problem | None:
    expected = _("{epochs} times {number} images, each image once in each epoch, with its own label").format(
        epochs=_EPOCHS, number=_NUMBER
    )
    if len(batches) >= shared.ENDLESS:
        hint = _("`repeat()` without a number never ends. Use `repeat(epochs)`.")
        return Problem(called, _("more than {number} batches").format(number=shared.ENDLESS), expected, hint)
    if len(flat) != _NUMBER * _EPOCHS:
        hint = _("Repeat the dataset `epochs` times, and drop nothing.")
        return Problem(called, _("{number} images in all").format(number=len(flat)), expected, hint)
    epochs = [sorted(flat[start : start + _NUMBER]) for start in range(0, len(flat), _NUMBER)]
    if any(epoch != list(range(_NUMBER)) for epoch in epochs):
        twice = _("some images twice in one epoch, others not at all")
        hint = _("`repeat` before `shuffle` mixes the epochs. Shuffle first.")
        return Problem(called, twice, expected, hint)
    seen_labels = np.concatenate([np.asarray(batch["y"]) for batch in batches])
    if not np.array_equal(seen_labels, labels[flat]):
        hint = _("Images and labels went separate ways. Map and shuffle them together, as one dataset.")
        return Problem(called, _("images with other images' labels"), expected, hint)
    return None


def _shuffle_problem(order: list[list[int]], called: str) -> Problem | None:
    expected = _("batches whose images come from all over the dataset")
    example = _("a batch with the images {indices}").format(indices=order[0])
    flat = [index for batch in order for index in batch]
    if flat[:_NUMBER] == list(range(_NUMBER)):
        hint = _(
            "Nothing is shuffled in the first epoch. Call `shuffle` with a buffer larger than the dataset."
        )
        return Problem(called, example, expected, hint)
    runs = sum(batch == list(range(batch[0], batch[0] + len(batch))) for batch in order if len(batch) > 1)
    if runs > len(order) // 2:
        hint = _("Whole batches are shuffled; inside, neighbours stay together. Shuffle before you batch.")
        return Problem(called, example, expected, hint)
    # A buffer of n elements lets no image come more than n - 1 places early. Three shuffles of the whole
    # dataset stay below 10 places once in five million.
    early = max(index - place % _NUMBER for place, index in enumerate(flat))
    if early < 10:
        hint = _(
            "Images hardly leave their place: the shuffle buffer is too small. Make it as large as the "
            "dataset."
        )
        return Problem(called, example, expected, hint)
    return None


def _repeatable_problem(flat: list[int], again: list[int], other: list[int], called: str) -> Problem | None:
    first, second = flat[:_NUMBER], flat[_NUMBER : 2 * _NUMBER]
    if first == second:
        return Problem(
            called,
            _("the same order in the first two epochs"),
            _("a new order in every epoch"),
            _(
                "Let `shuffle` shuffle again at each repetition: put it before `repeat`, and leave "
                "`reshuffle_each_iteration` at True."
            ),
        )
    if flat != again:
        return Problem(
            called,
            _("another order when called again"),
            _("the same order for the same seed"),
            _("Hand the seed on: `shuffle(…, seed=seed)`."),
        )
    if flat == other:
        return Problem(
            called,
            _("the same order for another seed"),
            _("an order that depends on the seed"),
            _("Use the argument `seed`, not a number of your own."),
        )
    return None
