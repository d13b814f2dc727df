"""The numbers in what an answer takes or returns, wherever they are: in Python, numpy, TensorFlow, or TFF."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each part that is no container, with the fields or positions that lead to it."""
    items = _items(value)
    if items is None:
        yield path, value
    else:
        for key, item in items:
            yield from leaves(item, (*path, key))


def _items(value: Any) -> list[tuple[str | int, Any]] | None:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return list(value._asdict().items())
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    return None


def changed(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """`value`, with `change` applied to its part at `path`; containers are copied and keep their kind."""
    if not path:
        return change(value)
    key, *rest = path
    if isinstance(value, Mapping):
        return type(value)(
            (name, changed(item, tuple(rest), change) if name == key else item)
            for name, item in value.items()
        )
    if hasattr(value, "_replace"):
        return value._replace(**{key: changed(getattr(value, key), tuple(rest), change)})
    items = [changed(item, tuple(rest), change) if index == key else item for index, item in enumerate(value)]
    return type(value)(items)


def on_numbers(value: Any, change: Callable[[Any], Any]) -> Any:
    """`change`, which takes a TensorFlow tensor, applied to a leaf in its own world.

    Raises:
      TypeError: the leaf is no number.
    """
    import tensorflow as tf
    import tensorflow_federated as tff

    if isinstance(value, tff.Value):  # first, for it can be called, as a computation can
        return _on_federated(value, change)
    if (
        isinstance(value, bool | str | bytes)
        or value is None
        or callable(value)
        or isinstance(value, tff.Type)
    ):
        raise TypeError
    if tf.is_tensor(value) or isinstance(value, tf.Variable):
        return change(tf.convert_to_tensor(value))
    if isinstance(value, int | float | np.ndarray | np.generic):
        # A number at once, also while TensorFlow only traces something else.
        with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
            got = np.asarray(session.run(change(tf.constant(value))))
        return (
            got if isinstance(value, np.ndarray) else got[()] if isinstance(value, np.generic) else got.item()
        )
    raise TypeError


def _on_federated(value: Any, change: Callable[[Any], Any]) -> Any:
    """All numbers of a value that TFF places, changed where they are."""
    import tensorflow as tf
    import tensorflow_federated as tff

    placed = value.type_signature
    if not isinstance(placed, tff.FederatedType) or isinstance(placed.member, tff.SequenceType):
        raise TypeError

    @tff.tensorflow.computation(placed.member)
    def everywhere(member):
        return tf.nest.map_structure(change, member)

    return tff.federated_map(everywhere, value)


def is_symbolic(leaf: Any) -> bool:
    """Whether it only stands for a number that TensorFlow or TFF will compute later."""
    import tensorflow as tf
    import tensorflow_federated as tff

    if isinstance(leaf, tf.data.Dataset):
        return not tf.executing_eagerly()
    return isinstance(leaf, tff.Value) or (tf.is_tensor(leaf) and not hasattr(leaf, "numpy"))


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are alike to the last bit, kinds included; False where one cannot tell."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    mine, theirs = list(leaves(one)), list(leaves(other))
    if [path for path, _leaf in mine] != [path for path, _leaf in theirs]:
        return False
    return all(_same_leaf(a, b) for (_path, a), (_other, b) in zip(mine, theirs, strict=True))


def _same_leaf(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other) or is_symbolic(one) or is_symbolic(other) or callable(one):
        return False
    a, b = np.asarray(one), np.asarray(other)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
