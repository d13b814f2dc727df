"""What crosses the border of the sandbox: everything plain comes through, nothing else does."""

import json
import random

import numpy as np
import pytest

from fedgrader.guest.codec import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES, BadData, decode, encode

_KINDS = ("?", "i1", "<i4", ">i8", "u2", "<f2", "f4", "f8", "<U3", "S4")


def _random_array(rng: np.random.Generator) -> np.ndarray:
    shape = rng.integers(0, 4, rng.integers(0, 4))
    return rng.integers(0, 2, shape).astype(rng.choice(_KINDS))


def _random_value(rng: np.random.Generator, depth: int = 0):
    leaves = [None, True, -7, 10**40, 0.1, float("inf"), "", "é\ud800\x00", [], {}, _random_array(rng)]
    kind = rng.integers(0, 4)
    if depth == 5 or kind > 1:
        return leaves[rng.integers(len(leaves))]
    items = [_random_value(rng, depth + 1) for _ in range(rng.integers(0, 5))]
    return items if kind else {f"key {number}": item for number, item in enumerate(items)}


def _identical(a, b) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and (a.dtype, a.shape) == (b.dtype, b.shape) and np.array_equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(_identical(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(_identical, a, b))
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("seed", range(200))
def test_plain_data_comes_back_as_it_was(seed):
    value = _random_value(np.random.default_rng(seed))
    assert _identical(value, decode(encode(value)))


def test_a_number_of_numpy_becomes_an_array_without_axes_and_a_tuple_a_list():
    assert _identical(decode(encode((np.float32(1.5), 2))), [np.array(1.5, np.float32), 2])


def test_nan_and_infinity_cross_as_numbers():
    assert np.isnan(decode(encode(float("nan"))))
    assert np.isnan(decode(encode(np.full(3, np.nan)))).all()
    assert decode("-Infinity") == -np.inf


def test_what_is_decoded_may_be_changed():
    decode(encode(np.zeros(2)))[0] = 1


def _array(kind, shape, raw="AAAAAAAAAAA=") -> str:
    """The encoding of an array of 8 zero bytes."""
    return json.dumps({"__array__": [kind, shape, raw]})


BAD = {
    "nothing": "",
    "no text": None,
    "bytes": b"1",
    "no JSON": "{'a': 1}",
    "two values": "1 2",
    "cut off": encode({"a": np.zeros(9)})[:-9],
    "a key twice": '{"a": 1, "a": 2}',
    "an array key twice": '{"__array__": 1, "__array__": ["<i8", [1], "AAAAAAAAAAA="]}',
    "a number too long to read": "9" * 10_000,
    "deep lists": "[" * 1000 + "]" * 1000,
    "lists deeper than the stack": "[" * 1_000_000,
    "objects deeper than the stack": '{"a":' * 1_000_000,
    "objects": _array("|O", [1]),
    "records": _array("i4,i4", [1]),
    "named records": _array([["a", "<i4"], ["b", "<i4"]], [1]),
    "sub-arrays": _array("(2,)i4", [1]),
    "dates": _array("<M8[s]", [1]),
    "complex": _array("<c8", [1]),
    "void": _array("|V8", [1]),
    "no type": _array(None, [1]),
    "a type that numpy does not know": _array("<f5", [1]),
    "letters without size": _array("<U0", [1]),
    "letters larger than memory": _array("<U99999999", [1]),
    "letters that do not exist": _array("<U1", [1], "//////=="),
    "letters beyond Unicode": _array("<U1", [2], "////f////38="),
    "another type": _array("<i4", [1]),
    "negative shape": _array("<i8", [-1]),
    "doubly negative shape": _array("<i8", [-1, -1]),
    "shape of floats": _array("<i8", [1.0]),
    "shape of booleans": _array("<i8", [True]),
    "shape of nothing": _array("<i8", None),
    "shape as text": _array("<i8", "1"),
    "shape too large for memory": _array("<i8", [10**12]),
    "shape too large for a machine": _array("<i8", [10**30]),
    "empty shape too large": _array("<i8", [0, 10**30], ""),
    "an axis too long, and an empty one": _array("<i8", [2**40, 0], ""),
    "axes too long together, and an empty one": _array("<i8", [2**20, 0, 2**20], ""),
    "more objects than memory holds": "[" + "{}," * 5_000_000 + "{}]",
    "too many axes": _array("<i8", [1] * 100),
    "no base64": _array("<i8", [1], "ä"),
    "base64 with noise": _array("<i8", [1], "AAAA\nAAAAAAA="),
    "bytes missing": _array("<i8", [2]),
    "too few fields": '{"__array__": []}',
    "too many fields": '{"__array__": [1, 2, 3, 4]}',
    "no fields": '{"__array__": 5}',
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_anything_else_is_refused(text):
    with pytest.raises(BadData):
        decode(text)


def test_limits_hold_at_the_limit():
    assert decode("[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH)
    with pytest.raises(BadData):
        decode("[" * (MAX_DEPTH + 1) + "1" + "]" * (MAX_DEPTH + 1))
    assert len(decode(json.dumps([0] * (MAX_VALUES - 1)))) == MAX_VALUES - 1
    with pytest.raises(BadData):
        decode(json.dumps([0] * MAX_VALUES))
    with pytest.raises(BadData):
        decode('"' + "a" * MAX_CHARACTERS + '"')


@pytest.mark.parametrize("seed", range(300))
def test_damaged_text_is_refused_or_read_as_plain_data(seed):
    rng = random.Random(seed)
    text = list(encode(_random_value(np.random.default_rng(seed))))
    for _ in range(rng.randint(1, 4)):
        text[rng.randrange(len(text))] = rng.choice('0123456789[]{}",:.eE-+\\ua<>|OVfiU=')
    try:
        value = decode("".join(text))
    except BadData:
        return
    encode(value)  # whatever it is, it is plain
