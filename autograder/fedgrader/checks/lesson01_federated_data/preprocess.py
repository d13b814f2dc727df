"""The check of `preprocess`, lesson 1."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fedcourse.i18n import N_, _
from fedgrader.checking.exercise import Harness, Step, exercise, judge, only_if
from fedgrader.checks.lesson01_federated_data import shared
from fedgrader.guest.answers import AnswerHandle
from fedgrader.guest.plain import describe, same
from fedgrader.guest.problem import Problem

harness = Harness("lesson01_federated_data.preprocess")


@dataclass(frozen=True)
class _AskedBatches:
    """What an answer is given but for the seed, and how it is shown."""

    examples: dict[str, np.ndarray]
    epochs: int
    batch_size: int

    @property
    def number(self) -> int:
        return len(self.examples["labels"])

    def of(self, answer: AnswerHandle, seed: int):
        return answer.ask(
            harness.preprocess,
            **self.examples,
            epochs=self.epochs,
            batch_size=self.batch_size,
            seed=seed,
            most=shared.ENDLESS,
        )

    def called(self, seed: int) -> str:
        return _(
            "preprocess(dataset of {number} images, epochs={epochs}, batch_size={batch}, seed={seed})"
        ).format(number=self.number, epochs=self.epochs, batch=self.batch_size, seed=seed)

    def in_epochs(self, flat: list[int]) -> list[list[int]]:
        return [flat[start : start + self.number] for start in range(0, len(flat), self.number)]


def _drawn(rng: np.random.Generator) -> _AskedBatches:
    """Numbers with which no two of the well-known mistakes give batches of the same sizes."""
    while True:
        number, epochs, batch = (int(rng.integers(*ends)) for ends in ((85, 101), (3, 6), (5, 10)))
        if number % batch and epochs * number % batch and epochs * (number % batch) > batch:
            return _AskedBatches(shared.examples(rng, rng.integers(0, 10, number)), epochs, batch)


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
    asked, seed = _drawn(rng), int(rng.integers(1, 1000))
    called, batches = asked.called(seed), asked.of(answer, seed)
    problem = _form_problem(asked, batches, called)
    yield N_("makes x and y, with flat images"), problem
    if problem:
        return
    order = [_seen(batch) for batch in batches]
    flat = [index for batch in order for index in batch]
    sizes, epochs = _sizes_problem(asked, batches, called), _epochs_problem(asked, batches, called)
    yield N_("makes batches of the right size"), sizes
    yield N_("goes through every example once an epoch"), epochs
    yield N_("shuffles examples, not batches"), _shuffle_problem(asked, order, called)
    again, other = asked.of(answer, seed), asked.of(answer, seed + 1)
    yield (
        N_("orders every epoch anew, but repeatably"),
        _new_order_problem(asked, flat, called)
        or _again_problem(batches, again, called)
        or _form_problem(asked, other, asked.called(seed + 1))
        or _other_seed_problem(asked, flat, other, called)
        # What was wrong with the first seed has cost its part already.
        or (None if sizes else _sizes_problem(asked, other, asked.called(seed + 1)))
        or (None if epochs else _epochs_problem(asked, other, asked.called(seed + 1))),
    )


def _seen(batch: dict) -> list[int]:
    """Which images a batch holds."""
    return [int(place) for place in shared.places(batch["x"])]


def _form_problem(asked: _AskedBatches, batches, called: str) -> Problem | None:
    expected = "tf.data.Dataset of OrderedDict(x=float32[batch, 784], y=int32[batch])"
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
    for batch in batches:
        if hint := _form_hint(batch) or _pixels_hint(batch["x"], asked.examples["pixels"]):
            return Problem(called, _("batches like {batch}").format(batch=describe(batch)), expected, hint)
    return None


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
    if list(batch) != ["x", "y"]:
        return _(
            "`x` comes first, then `y`: the order of the fields is part of the type, and TFF looks at it."
        )
    return None


def _pixels_hint(x: np.ndarray, images: np.ndarray) -> str | None:
    flat = images.reshape(len(images), -1)
    places = shared.places(x)
    known = bool(np.all(np.isin(places, np.arange(len(flat)))))
    if known and np.array_equal(x, flat[places.astype(int)]):
        return None
    if all(np.any(np.all(np.sort(image) == np.sort(flat), axis=1)) for image in x):
        return _(
            "The pixels of an image have changed places: the right values, in another order. `tf.reshape` "
            "alone flattens an image, row by row."
        )
    return _("The pixels' values have changed. Leave them: they lie between 0 and 1 already.")


def _sizes_problem(asked: _AskedBatches, batches: list, called: str) -> Problem | None:
    sizes = [len(batch["y"]) for batch in batches]
    full, rest = divmod(asked.number, asked.batch_size)
    all_full, all_rest = divmod(asked.number * asked.epochs, asked.batch_size)
    epoch = [asked.batch_size] * full + [rest]
    wanted = epoch * asked.epochs
    is_mixed = sizes != wanted and sorted(sizes) == sorted(wanted)
    return judge(
        called,
        sizes,
        wanted,
        _("Each epoch is cut into batches of `batch_size`, and only its last batch may be smaller."),
        (
            (
                [asked.batch_size] * all_full + [all_rest],
                _("A batch mixes two epochs. Batch first, repeat afterwards."),
            ),
            (
                epoch[:-1] * asked.epochs,
                _("The last examples of each epoch are dropped. Leave `drop_remainder` out."),
            ),
            (
                [asked.batch_size] * all_full,
                _("The last examples are dropped, and batches mix epochs. Batch first, repeat afterwards."),
            ),
            (epoch, _("One epoch came out. Repeat the dataset `epochs` times.")),
            (
                epoch * (asked.epochs - 1),
                _("An epoch is missing: `repeat(epochs)` already includes the first."),
            ),
            (
                epoch * (asked.epochs + 1),
                _("One epoch too many: `repeat(epochs)` already includes the first."),
            ),
            ([asked.number] * asked.epochs, _("The whole dataset became one batch. Use `batch_size`.")),
            *only_if(
                is_mixed,
                sizes,
                _("A small batch comes too early: whole batches are shuffled. Shuffle before you batch."),
            ),
            *only_if(
                len(sizes) >= shared.ENDLESS,
                sizes,
                _("`repeat()` without a number never ends. Use `repeat(epochs)`."),
            ),
        ),
        expected=_("batches of the sizes {sizes}").format(sizes=describe(wanted)),
    )


def _epochs_problem(asked: _AskedBatches, batches: list, called: str) -> Problem | None:
    flat = [index for batch in batches for index in _seen(batch)]
    expected = _("{epochs} times {number} images, each image once in each epoch, with its own label").format(
        epochs=asked.epochs, number=asked.number
    )
    if len(batches) >= shared.ENDLESS:
        hint = _("`repeat()` without a number never ends. Use `repeat(epochs)`.")
        return Problem(called, _("more than {number} batches").format(number=shared.ENDLESS), expected, hint)
    if len(flat) != asked.number * asked.epochs:
        hint = _("Repeat the dataset `epochs` times, and drop nothing.")
        return Problem(called, _("{number} images in all").format(number=len(flat)), expected, hint)
    if any(sorted(epoch) != list(range(asked.number)) for epoch in asked.in_epochs(flat)):
        twice = _("some images twice in one epoch, others not at all")
        hint = _("`repeat` before `shuffle` mixes the epochs. Shuffle first.")
        return Problem(called, twice, expected, hint)
    seen_labels = np.concatenate([np.asarray(batch["y"]) for batch in batches])
    if not np.array_equal(seen_labels, asked.examples["labels"][flat]):
        hint = _("Images and labels went separate ways. Map and shuffle them together, as one dataset.")
        return Problem(called, _("images with other images' labels"), expected, hint)
    return None


def _shuffle_problem(asked: _AskedBatches, order: list[list[int]], called: str) -> Problem | None:
    expected = _("batches whose images come from all over the dataset")
    example = _("a batch with the images {indices}").format(indices=describe(order[0]))
    flat = [index for batch in order for index in batch]
    if asked.in_epochs(flat)[0] == list(range(asked.number)):
        hint = _(
            "Nothing is shuffled in the first epoch. Call `shuffle` with a buffer larger than the dataset."
        )
        return Problem(called, example, expected, hint)
    runs = sum(batch == list(range(batch[0], batch[0] + len(batch))) for batch in order if len(batch) > 1)
    if runs > len(order) // 2:
        hint = _("Whole batches are shuffled; inside, neighbours stay together. Shuffle before you batch.")
        return Problem(called, example, expected, hint)
    # A buffer of n elements lets no image come more than n - 1 places early. Of a fair shuffle of n images,
    # about n / 8 come n / 2 places early: that none does, in two epochs or more, happens once in 10^9.
    early = max(index - place % asked.number for place, index in enumerate(flat))
    if early < asked.number // 2:
        hint = _(
            "Images hardly leave their place: the shuffle buffer is too small. Make it as large as the "
            "dataset."
        )
        return Problem(called, example, expected, hint)
    return None


def _new_order_problem(asked: _AskedBatches, flat: list[int], called: str) -> Problem | None:
    epochs = asked.in_epochs(flat)
    if not any(one == other for one, other in itertools.combinations(epochs, 2)):
        return None
    return Problem(
        called,
        _("the same order in two epochs"),
        _("a new order in every epoch"),
        _(
            "Let `shuffle` shuffle again at each repetition: put it before `repeat`, and leave "
            "`reshuffle_each_iteration` at True."
        ),
    )


def _again_problem(batches: list, again: list, called: str) -> Problem | None:
    if same(again, batches):
        return None
    return Problem(
        called,
        _("another order when called again"),
        _("the same order for the same seed"),
        _("Hand the seed on: `shuffle(…, seed=seed)`."),
    )


def _other_seed_problem(asked: _AskedBatches, flat: list[int], other: list, called: str) -> Problem | None:
    """A problem where another seed gives the same order in some epoch."""
    orders = asked.in_epochs([index for batch in other for index in _seen(batch)])
    if any(one == another for one, another in zip(asked.in_epochs(flat), orders, strict=False)):
        return Problem(
            called,
            _("the same order for another seed"),
            _("an order that depends on the seed"),
            _("Use the argument `seed`, not a number of your own."),
        )
    return None
