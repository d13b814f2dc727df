"""Types read as text: they come back as they were, and each difference is named."""

import re

import numpy as np
import pytest
import tensorflow_federated as tff

from fedcourse.signatures import NotAType, difference, guess_type, parse

PRINTED = [
    "float32",
    "int32[?,28,28]",
    "<a=int32,<float32,bool>>",
    "<>",
    "<x=float32[?,784],y=int32[?]>*",
    "{<x=float32[2]>*}@CLIENTS",
    "float32@CLIENTS",
    "( -> float32@SERVER)",
    "(<f=(int32 -> float32),x={int32}@CLIENTS> -> {float32}@CLIENTS)",
]


@pytest.mark.parametrize("text", PRINTED)
def test_a_type_comes_back_as_it_was_whatever_the_spaces(text: str):
    assert str(parse(text)) == text
    spaced = re.sub(r"(->|[<>{}()\[\]=,*@?])", r" \1 ", text)
    assert parse(spaced) == parse(text)


def test_what_tff_prints_is_read():
    made = tff.FunctionType(
        tff.FederatedType(tff.SequenceType([np.int32, ("a", tff.TensorType(np.str_, [None]))]), tff.CLIENTS),
        tff.FederatedType(np.bool_, tff.SERVER),
    )
    assert str(parse(str(made))) == str(made)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{float32", "`{float32` stops too early"),
        ("{float32}", "stops too early"),
        ("float32@PHONES", "After `float32@`, `PHONES` cannot stand"),
        ("float32 int32", "After `float32`, `int32` cannot stand"),
        ("(int32, float32 -> x)", "After `(int32`, `, float32 -> x)` cannot stand"),
        ("<a=>", "After `<a=`, `>`"),
        ("float32[a]", "After `float32[`, `a]`"),
        ("float32!", "`!` cannot stand"),
        ("3", "No type begins with `3`"),
        ("", "stops too early"),
    ],
)
def test_where_a_text_stops_being_a_type(text: str, why: str):
    with pytest.raises(NotAType) as caught:
        parse(text)
    assert why in str(caught.value)


F = "float32"
DIFFERENCES = [
    (F, f"({F} -> {F})", "A computation has an arrow"),
    (f"({F} -> {F})", F, "A value is asked for"),
    ("(int32 -> bool)", "(bool -> int32)", "Parameter and result are swapped"),
    (f"({F} -> {F})", f"( -> {F})", "takes nothing"),
    (f"( -> {F})", f"({F} -> {F})", "Something goes in"),
    (f"({F} -> int32)", f"({F} -> {F})", "may lie between them"),
    (F, f"{F}@SERVER", "not who has it"),
    (f"<{F}@SERVER,{F}@SERVER>", f"<{F},{F}>@SERVER", "a placement of its own"),
    (f"{F}@CLIENTS*", f"{{{F}*}}@CLIENTS", "Build the sequence first"),
    (f"{F}@SERVER", f"<{F}@SERVER,{F}@SERVER>", "Here there are several"),
    (f"{F}@SERVER", F, "leave out the `@`"),
    (f"{{{F}}}@CLIENTS", f"{F}@SERVER", "`tff.SERVER`"),
    (f"{F}@SERVER", f"{F}@CLIENTS", "`tff.CLIENTS`"),
    (f"{{{F}}}@SERVER", f"{F}@SERVER", "only one server"),
    (f"{{{F}}}@CLIENTS", f"{F}@CLIENTS", "`all_equal=True`."),
    (f"{F}@CLIENTS", f"{{{F}}}@CLIENTS", "no `all_equal=True`"),
    (f"{{{F}*}}@CLIENTS", f"{{{F}}}@CLIENTS", "just one"),
    (f"{F}*", f"<{F},{F}>", "a fixed number of fields"),
    (F, f"{F}*", "is one element"),
    (f"<{F},{F}>", f"{F}*", "TFF reads a Python list as a struct"),
    ("int32", f"{F}*", "not a sequence"),
    (f"<{F}>", F, "a single tensor is meant"),
    (F, f"<{F},{F}>", "make a struct"),
    (f"<{F}>", f"<{F},{F}>", "has 1 fields. There should be 2"),
    (f"<{F},int32>", f"<a={F},b=int32>", "have no names"),
    (f"<a={F}>", f"<{F}>", "Here they have none"),
    (f"<b=int32,a={F}>", f"<a={F},b=int32>", "wrong order"),
    (f"<a={F},c=int32>", f"<a={F},b=int32>", "should be called a, b"),
    (f"<a={F},b={F}>", f"<a={F},b=int32>", "a whole number"),
    ("float64", F, "wrong number of bits: `float32`"),
    ("bool", F, "another dtype"),
    (f"{F}[3]", F, "has no shape"),
    (F, f"{F}[3]", "give it a shape"),
    (f"{F}[3]", f"{F}[?]", "`None`"),
    (f"{F}[?]", f"{F}[3]", "that is known"),
    (f"{F}[2,3]", f"{F}[3,2]", "in the wrong order"),
    (f"{F}[3]", f"{F}[?,3]", "is one example"),
    (f"{F}[784]", f"{F}[28,28]", "flattened, or not?"),
    (f"{F}[4]", f"{F}[5]", "count the dimensions"),
]


@pytest.mark.parametrize(("got", "want", "hint"), DIFFERENCES)
def test_each_difference_is_named(got: str, want: str, hint: str):
    assert hint in difference(got, want)
    assert difference(want, want) is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("?", "No guess yet"),
        ("", "No guess yet"),
        (
            "{float32@CLIENTS",
            "That is no type yet. `{float32@CLIENTS` stops too early: a bracket is still open.",
        ),
        ("float32", "Not yet. `float32` says what the value is, but not who has it"),
        ("{ float32 } @ CLIENTS", "Right: {float32}@CLIENTS"),
    ],
)
def test_a_guess_is_answered(written: str, said: str, capsys):
    guess_type(written, tff.FederatedType(np.float32, tff.CLIENTS))
    assert said in capsys.readouterr().out


def test_a_computations_signature_is_guessed(capsys):
    guess_type("( -> int32)", tff.tensorflow.computation(lambda: 1))
    assert capsys.readouterr().out == "Right: ( -> int32)\n"
