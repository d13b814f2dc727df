"""What the harnesses of lesson 3 share."""

import collections
import re

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

_Variables = collections.namedtuple(
    "Variables", ["kernel", "bias", "loss_sum", "num_correct", "num_examples"]
)
BATCH = collections.OrderedDict(x=tf.TensorSpec([None, 784], tf.float32), y=tf.TensorSpec([None], tf.int32))
UNFINALIZED = collections.OrderedDict(
    loss=[np.float32, np.float32], accuracy=[np.float32, np.float32], num_examples=[np.float32]
)


def made(values):
    return _Variables(**{name: tf.Variable(value, dtype=tf.float32) for name, value in values.items()})


def values(made):
    """What all variables hold now, by name."""
    return {name: variable.read_value() for name, variable in made._asdict().items()}


def batch(values):
    return collections.OrderedDict(x=tf.constant(values["x"]), y=tf.constant(values["y"]))


def run(traced):
    """What `traced(notes)` returns in a TFF computation, and the notes that it took while being traced.

    A namedtuple refuses a new value for a field, and a variable `+=`; then all there is, is "sets_a_field",
    the error.
    """
    notes = {}
    try:
        computed = tff.tensorflow.computation(lambda: (traced(notes), tf.constant(0)))()[0]
    except NotImplementedError as error:
        if not str(error).rstrip().endswith("NotImplementedError:"):
            raise
        raise NotImplementedError from None  # the stub's own: AutoGraph had put the frames into its text
    except (AttributeError, RuntimeError) as error:
        refused = re.search("can't set attribute|`variable [^`]*= value` [^.]*", str(error))
        if not refused:
            raise
        return {"sets_a_field": f"{type(error).__name__}: {refused.group()}"}
    return {**notes, "result": computed}


def apart(ran):
    """`ran` with its list of pairs, a result and all variables, as a list of each."""
    if "result" in ran:
        ran["result"], ran["variables"] = map(list, zip(*ran["result"], strict=True))
    return ran
