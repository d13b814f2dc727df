"""Answers to `bits_of_type(type_spec)`."""

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff
from answers import right, wrong

ONE = "counts the bits of a tensor"
DTYPES = "knows other dtypes, and single numbers"
STRUCT = "adds up a struct, however deep"


def tensors_of(type_spec):
    return tff.structure.flatten(type_spec)


def elements(tensor):
    return int(np.prod(tensor.shape))


def bits_each(tensor):
    return 8 * np.dtype(tensor.dtype).itemsize


@right
def calls_itself(type_spec):
    """Goes down into structs by recursion."""
    if isinstance(type_spec, tff.StructType):
        return sum(calls_itself(field) for field in type_spec)
    return elements(type_spec) * bits_each(type_spec)


@right
def by_specs(type_spec):
    """Asks TensorFlow: its specs know their number of elements and the size of their dtype."""
    specs = [tff.types.type_to_tf_tensor_specs(tensor) for tensor in tensors_of(type_spec)]
    return sum(spec.shape.num_elements() * spec.dtype.size * 8 for spec in specs)


@right
def with_loops(type_spec):
    """Multiplies dimension by dimension, in numpy's integers."""
    total = np.int64(0)
    for tensor in tensors_of(type_spec):
        bits = np.int64(bits_each(tensor))
        for size in tensor.shape:
            bits *= size
        total += bits
    return total


@right
def by_an_empty_array(type_spec):
    """Lets numpy make the array, and weighs it."""
    return 8 * sum(np.empty(tensor.shape, tensor.dtype).nbytes for tensor in tensors_of(type_spec))


@wrong(ONE, hint="Replace `raise NotImplementedError`")
def untouched(type_spec):
    """Has not begun."""
    raise NotImplementedError


@wrong(ONE, hint="These are the elements")
def counts_elements(type_spec):
    """Takes a number for a bit."""
    return sum(map(elements, tensors_of(type_spec)))


@wrong(ONE, hint="These are bytes")
def counts_bytes(type_spec):
    """Thinks in bytes, as files are listed."""
    return sum(elements(tensor) * np.dtype(tensor.dtype).itemsize for tensor in tensors_of(type_spec))


@wrong(ONE, hint="Multiply the sizes of the dimensions")
def adds_dimensions(type_spec):
    """Adds up rows and columns."""
    return sum(sum(tensor.shape) * bits_each(tensor) for tensor in tensors_of(type_spec))


@wrong(ONE, hint="the first dimension only")
def first_dimension(type_spec):
    """Takes the length of the array, as `len` would say it."""
    return sum(
        (tensor.shape[0] if tensor.shape else 1) * bits_each(tensor) for tensor in tensors_of(type_spec)
    )


@wrong(ONE, hint="The function returned nothing")
def forgets_to_return(type_spec):
    """Adds up, and keeps it to itself."""
    sum(elements(tensor) * bits_each(tensor) for tensor in tensors_of(type_spec))


@wrong(DTYPES, hint="Not all dtypes take 32 bits")
def always_32(type_spec):
    """Has only ever seen float32."""
    return sum(elements(tensor) * 32 for tensor in tensors_of(type_spec))


@wrong(DTYPES, hint="and yet one element")
def a_scalar_is_nothing(type_spec):
    """Thinks that what has no dimension has no element."""
    return sum(
        elements(tensor) * bits_each(tensor) if tensor.shape else 0 for tensor in tensors_of(type_spec)
    )


@wrong(DTYPES, hint="a `bool` takes a whole byte")
def a_bool_is_one_bit(type_spec):
    """Reasons that yes or no is one bit, which the network does not do."""
    return sum(elements(t) * (1 if t.dtype == np.bool_ else bits_each(t)) for t in tensors_of(type_spec))


@wrong(STRUCT, hint="the first tensor only")
def first_tensor_only(type_spec):
    """Counts the kernel, which is by far the largest."""
    tensors = tensors_of(type_spec)
    return elements(tensors[0]) * bits_each(tensors[0]) if tensors else 0


@wrong(STRUCT, hint="A struct may hold structs")
def one_level_deep(type_spec):
    """Expects tensors right below the struct."""
    tensors = list(type_spec) if isinstance(type_spec, tff.StructType) else [type_spec]
    return sum(elements(tensor) * bits_each(tensor) for tensor in tensors)


@wrong(ONE, hint="This counts two dimensions")
def two_dimensions(type_spec):
    """Thinks of tables."""
    return sum(int(np.prod(tensor.shape[:2])) * bits_each(tensor) for tensor in tensors_of(type_spec))


@wrong(DTYPES, hint="with a dimension of size 0")
def at_least_one_element(type_spec):
    """Thinks that every tensor has an element."""
    return sum(max(1, elements(tensor)) * bits_each(tensor) for tensor in tensors_of(type_spec))


@wrong(DTYPES, hint="a float32 cannot hold so large a number")
def in_float32(type_spec):
    """Adds up in float32."""
    return float(np.float32(sum(elements(tensor) * bits_each(tensor) for tensor in tensors_of(type_spec))))


@wrong(DTYPES, hint="An int32 cannot hold so large a number")
def in_int32(type_spec):
    """Counts in TensorFlow, whose whole numbers are int32."""
    return tf.add_n(
        [tf.reduce_prod(tf.constant([1, *t.shape])) * bits_each(t) for t in tensors_of(type_spec)]
    )


@wrong(DTYPES, hint="Elements times bits of the dtype")
def the_dtypes_of_the_lesson(type_spec):
    """Has a table of dtypes that lacks most."""
    table = {"float32": 32, "float64": 64, "int32": 32, "int64": 64, "uint8": 8, "bool": 8}
    names = ((np.dtype(tensor.dtype).name, elements(tensor)) for tensor in tensors_of(type_spec))
    return sum(table.get(name, 24) * count for name, count in names)


@wrong(STRUCT, hint="Tensors of the same type are counted once")
def a_set_of_tensors(type_spec):
    """Collects the tensors in a set, in which equal types are one."""
    return sum(elements(tensor) * bits_each(tensor) for tensor in set(tensors_of(type_spec)))


@wrong(STRUCT, hint="Elements times bits of the dtype")
def the_dtype_of_the_first(type_spec):
    """Takes the first tensor's dtype for all of them."""
    tensors = tensors_of(type_spec)
    return sum(elements(tensor) * bits_each(tensors[0]) for tensor in tensors)


@wrong(STRUCT, hint="Elements times bits of the dtype")
def ten_tensors(type_spec):
    """Looks at ten tensors at most."""
    return sum(elements(tensor) * bits_each(tensor) for tensor in tensors_of(type_spec)[:10])
