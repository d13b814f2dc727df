"""Answers to `plain_types(side)`."""

import collections

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

TENSORS = "writes the types of single tensors"
STRUCTS = "writes the types of structs"
DATASET = "writes the type of a dataset"


def right_types(side):
    label = tff.TensorType(np.int32)
    image = tff.TensorType(np.float32, [side, side])
    batch = tff.to_type(
        collections.OrderedDict(
            x=tff.TensorType(np.float32, [None, side * side]), y=tff.TensorType(np.int32, [None])
        )
    )
    return {
        "label": label,
        "image": image,
        "example": tff.to_type(collections.OrderedDict(pixels=image, label=label)),
        "batch": batch,
        "dataset": tff.SequenceType(batch),
    }


@right
def bare_dtypes_and_dictionaries(side):
    """Leaves to TFF what it turns into types by itself."""
    types = collections.OrderedDict(label=np.int32, image=tff.TensorType(np.float32, (side, side)))
    types["example"] = collections.OrderedDict(pixels=types["image"], label=np.int32)
    types["batch"] = collections.OrderedDict(x=(np.float32, [None, side**2]), y=(np.int32, [None]))
    types["dataset"] = tff.SequenceType(types["batch"])
    return types


@right
def struct_with_container(side):
    """Writes structs that remember their Python container."""
    label, image = tff.TensorType(np.int32, []), tff.TensorType(np.float32, [side, side])
    example = tff.StructWithPythonType([("pixels", image), ("label", label)], collections.OrderedDict)
    fields = [("x", tff.TensorType(np.float32, [None, side * side])), ("y", tff.TensorType(np.int32, [None]))]
    batch = tff.StructWithPythonType(fields, collections.OrderedDict)
    return dict(label=label, image=image, example=example, batch=batch, dataset=tff.SequenceType(batch))


@right
def from_a_dataset(side):
    """Builds a dataset and translates its `element_spec`."""
    example = collections.OrderedDict(
        pixels=np.zeros([1, side, side], np.float32), label=np.zeros(1, np.int32)
    )
    dataset = tf.data.Dataset.from_tensor_slices(example)
    batches = dataset.map(
        lambda e: collections.OrderedDict(x=tf.reshape(e["pixels"], [side * side]), y=e["label"])
    ).batch(2)
    single = tff.types.tensorflow_to_type(dataset.element_spec)
    batch = tff.types.tensorflow_to_type(batches.element_spec)
    return {
        "label": single["label"],
        "image": single["pixels"],
        "example": single,
        "batch": batch,
        "dataset": tff.SequenceType(batch),
    }


@wrong(TENSORS, hint="Replace `raise NotImplementedError`")
def untouched(side):
    """Has not begun."""
    raise NotImplementedError


@wrong(TENSORS, hint="`np.float32`, not `tf.float32`")
def tensorflows_dtypes(side):
    """Takes TensorFlow's dtypes for TFF's."""
    image = tff.TensorType(tf.float32, [side, side])
    return right_types(side) | {"image": image}


@wrong(TENSORS, hint="do not say how many bits they have")
def pythons_types(side):
    """Takes Python's types for numpy's."""
    return right_types(side) | {"label": int}


@wrong(TENSORS, hint="holds numbers with a fraction")
def labels_are_floats(side):
    """Makes everything a float."""
    return right_types(side) | {"label": tff.TensorType(np.float32)}


@wrong(TENSORS, hint="`float32` is meant")
def doubles(side):
    """Takes numpy's default float."""
    return right_types(side) | {"image": tff.TensorType(np.float64, [side, side])}


@wrong(TENSORS, hint="This value is an array: give it a shape")
def no_shape(side):
    """Thinks that the dtype is the type."""
    return right_types(side) | {"image": tff.TensorType(np.float32)}


@wrong(TENSORS, hint="in another shape: flattened, or not?")
def flat_image(side):
    """Flattens the image, as in lesson 1."""
    return right_types(side) | {"image": tff.TensorType(np.float32, [side * side])}


@wrong(TENSORS, hint="Use the argument `side`")
def always_28(side):
    """Knows how large the images are."""
    return right_types(28)


@wrong(TENSORS, hint="gives each type a name")
def a_list(side):
    """Returns the types without their names."""
    return list(right_types(side).values())


@wrong(TENSORS, hint="has no entry `image`")
def another_name(side):
    """Calls the image `pixels`."""
    types = right_types(side)
    types["pixels"] = types.pop("image")
    return types


@wrong(TENSORS, hint="leave out the `@`")
def placed_too_early(side):
    """Places the label at the clients, where it is in the end."""
    return right_types(side) | {"label": tff.FederatedType(np.int32, tff.CLIENTS)}


@wrong(STRUCTS, hint="have no names")
def tuple_for_struct(side):
    """Writes a tuple where the fields have names."""
    image = tff.TensorType(np.float32, [side, side])
    return right_types(side) | {"example": tff.to_type((image, np.int32))}


@wrong(STRUCTS, hint="in the wrong order")
def label_first(side):
    """Thinks that the order of the fields does not matter."""
    image = tff.TensorType(np.float32, [side, side])
    return right_types(side) | {"example": tff.StructType([("label", np.int32), ("pixels", image)])}


@wrong(STRUCTS, hint="a first dimension `None`")
def forgot_none(side):
    """Describes a single example instead of a batch."""
    batch = tff.StructType([("x", tff.TensorType(np.float32, [side * side])), ("y", np.int32)])
    return right_types(side) | {"batch": batch, "dataset": tff.SequenceType(batch)}


@wrong(STRUCTS, hint="fixes a size that is not known beforehand")
def batches_of_twenty(side):
    """Fixes the size of a batch."""
    batch = tff.StructType(
        [("x", tff.TensorType(np.float32, [20, side * side])), ("y", tff.TensorType(np.int32, [20]))]
    )
    return right_types(side) | {"batch": batch, "dataset": tff.SequenceType(batch)}


@wrong(STRUCTS, hint="The images in `x` are flattened")
def square_images_in_batches(side):
    """Forgets to flatten."""
    batch = tff.StructType(
        [("x", tff.TensorType(np.float32, [None, side, side])), ("y", tff.TensorType(np.int32, [None]))]
    )
    return right_types(side) | {"batch": batch, "dataset": tff.SequenceType(batch)}


@wrong(DATASET, hint="a star at the end")
def one_batch(side):
    """Thinks of a dataset as of a batch."""
    types = right_types(side)
    return types | {"dataset": types["batch"]}


@wrong(DATASET, hint="TFF reads a Python list as a struct")
def list_for_sequence(side):
    """Writes a list for "any number of"."""
    types = right_types(side)
    return types | {"dataset": tff.to_type([types["batch"]])}


@wrong(DATASET, hint="The client's data come in batches")
def unbatched(side):
    """Makes a sequence of examples."""
    types = right_types(side)
    return types | {"dataset": tff.SequenceType(types["example"])}
