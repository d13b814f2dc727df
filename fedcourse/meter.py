"""What a round costs on the network, counted from the computation without running it.

TFF keeps a computation as a tree of building blocks. An operator such as `federated_broadcast` is a node of
it, and the type of its argument says how many numbers of how many bits each client receives or sends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import tensorflow_federated as tff

from fedcourse.i18n import _

_DOWN = ("federated_broadcast",)
# What a client sends is the operator's argument, or the part of it at this position.
_UP = {
    "federated_sum": None,
    "federated_mean": None,
    "federated_weighted_mean": None,  # the value and its weight: both are sent
    "federated_min": None,
    "federated_max": None,
    "federated_aggregate": 0,
    "federated_secure_sum": 0,
    "federated_secure_sum_bitwidth": 0,
}
# Where these pick for the client is up to the runtime: at the server, or on the phone after sending it all.
_UNKNOWN = ("federated_select", "federated_secure_select")
_PREFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi")


class CannotCount(ValueError):
    """What crosses the network has no fixed size; the message says why, in the learner's language."""


@dataclass(frozen=True)
class Transfer:
    """One tensor that each client receives (`down`) or sends, in one round.

    `operator` moves it, `name` is its path in what is moved (empty for a bare tensor), and `type` is its type
    as TFF prints it.
    """

    down: bool
    operator: str
    name: str
    type: str
    elements: int
    bits: int


@dataclass(frozen=True)
class RoundCost:
    """What one round with `num_clients` clients sends, tensor by tensor; sizes are in bits."""

    num_clients: int
    transfers: tuple[Transfer, ...]

    @property
    def broadcast_bits_per_client(self) -> int:
        return sum(transfer.bits for transfer in self.transfers if transfer.down)

    @property
    def aggregate_bits_per_client(self) -> int:
        return sum(transfer.bits for transfer in self.transfers if not transfer.down)

    @property
    def broadcast_bits(self) -> int:
        return self.num_clients * self.broadcast_bits_per_client

    @property
    def aggregate_bits(self) -> int:
        return self.num_clients * self.aggregate_bits_per_client

    @property
    def total_bits(self) -> int:
        return self.broadcast_bits + self.aggregate_bits

    def table(self) -> str:
        """A line for each tensor: which way it goes, its operator, its name and type, and its size."""
        rows = [
            ("↓" if t.down else "↑", t.operator, t.name or "–", t.type, human_bits(t.bits))
            for t in self.transfers
        ]
        left = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row[:-1], left, strict=False))
            + f"  {row[-1]:>{left[-1]}}"
            for row in rows
        )

    def __str__(self) -> str:
        line = _("{direction}: {total} ({total_bytes}), per client {each} ({each_bytes}), clients: {number}")
        ways = (
            (_("down"), self.broadcast_bits, self.broadcast_bits_per_client),
            (_("up"), self.aggregate_bits, self.aggregate_bits_per_client),
        )
        return "\n".join(
            line.format(
                direction=direction,
                total=human_bits(total),
                total_bytes=human_bytes(total),
                each=human_bits(each),
                each_bytes=human_bytes(each),
                number=self.num_clients,
            )
            for direction, total, each in ways
        )


def round_cost(computation_or_process: Any, num_clients: int) -> RoundCost:
    """What one round of a federated computation, or of a process's `next`, sends over the network.

    Counted are the numbers that the operators move, in bits of their dtype. Not counted are what every real
    network adds, headers and encryption, and the computation itself, which each client needs once.

    Raises:
      TypeError: it is neither a TFF computation nor a process.
      ValueError: `num_clients` is not a whole number of at least 1.
      CannotCount: a size is not known before it runs, such as that of a dataset, of a text, or of a dimension
        that TFF prints as `?`; or `federated_select`, where the runtime decides what travels.
    """
    if isinstance(num_clients, bool) or not isinstance(num_clients, int | np.integer) or num_clients < 1:
        raise ValueError(
            _("`num_clients` must be a whole number of at least 1, not {number}.").format(number=num_clients)
        )
    computation = getattr(computation_or_process, "next", computation_or_process)
    if not isinstance(computation, tff.framework.ConcreteComputation):
        message = _(
            "`round_cost` wants a TFF computation or a process with a `next`, not an object of type "
            "`{type}`. A plain Python function has to be traced first, with `tff.federated_computation`."
        )
        raise TypeError(message.format(type=type(computation_or_process).__name__))
    # The raw computation: what is compiled for the native runtime may send more than what was written.
    block = tff.framework.to_call_dominant(computation.to_building_block())
    return RoundCost(int(num_clients), tuple(_transfers(block)))


def bits_of(type_spec: Any) -> int:
    """The bits of one value of a type: elements times bits of the dtype, for each tensor of it.

    Raises:
      CannotCount: the size is not known before there is a value.
    """
    return sum(bits for _name, _tensor, _elements, bits in _tensors(tff.to_type(type_spec), ""))


def human_bits(bits: float) -> str:
    """A size for people: 53,227,872 bits are `50.76 Mibit`; a Kibit is 1024 bits, a Mibit 1024 Kibit."""
    return _human(bits, "bit")


def human_bytes(bits: float) -> str:
    """The same size in bytes, 8 bits each: 53,227,872 bits are `6.35 MiB`."""
    return _human(bits / 8, "B")


def _human(size: float, unit: str) -> str:
    step = 0
    while abs(round(size, 2)) >= 1024 and step < len(_PREFIXES) - 1:
        size, step = size / 1024, step + 1
    number = f"{size:.2f}" if step or size != int(size) else f"{size:.0f}"
    return f"{number} {_PREFIXES[step]}{unit}"


def _transfers(block: Any) -> Iterator[Transfer]:
    """Each tensor that an operator in the building block moves, in the order of the calls."""
    for call in _calls_of_operators(block):
        operator, sent = call.function.uri, call.argument.type_signature
        if operator in _UNKNOWN:
            message = _(
                "`{operator}` cannot be counted: the runtime decides whether each client gets everything or "
                "only what it asked for."
            )
            raise CannotCount(message.format(operator=f"tff.{operator}"))
        down = operator in _DOWN
        position = None if down else _UP[operator]
        for name, tensor, elements, bits in _tensors(sent if position is None else sent[position], ""):
            yield Transfer(down, operator, name, str(tensor), elements, bits)


def _calls_of_operators(block: Any) -> list[Any]:
    calls = []

    def collect(inner: Any) -> tuple[Any, bool]:
        called = inner.function if isinstance(inner, tff.framework.Call) else None
        if isinstance(called, tff.framework.Intrinsic) and called.uri in (*_DOWN, *_UP, *_UNKNOWN):
            calls.append(inner)
        return inner, False

    tff.framework.transform_postorder(block, collect)
    return calls


def _tensors(type_spec: tff.Type, path: str) -> Iterator[tuple[str, tff.TensorType, int, int]]:
    """Path, type, elements and bits of each tensor in a type.

    Raises:
      CannotCount: one has no fixed size.
    """
    if isinstance(type_spec, tff.FederatedType):
        yield from _tensors(type_spec.member, path)
    elif isinstance(type_spec, tff.StructType):
        for position, (name, field) in enumerate(tff.structure.iter_elements(type_spec)):
            yield from _tensors(field, f"{path}.{name or position}".removeprefix("."))
    elif isinstance(type_spec, tff.TensorType):
        yield path, type_spec, *_size(type_spec, path)
    else:
        raise _not_countable(type_spec, path)


def _size(tensor: tff.TensorType, path: str) -> tuple[int, int]:
    """Elements and bits of a tensor; a bool takes 8 bits, as everywhere in numpy and TensorFlow."""
    dtype = np.dtype(tensor.dtype)
    if tensor.shape is None or None in tensor.shape or dtype.kind in "OSU":
        raise _not_countable(tensor, path)
    elements = prod(tensor.shape)
    return elements, elements * dtype.itemsize * 8


def _not_countable(type_spec: tff.Type, path: str) -> CannotCount:
    if isinstance(type_spec, tff.SequenceType):
        why = _("a sequence has any number of elements")
    elif isinstance(type_spec, tff.TensorType) and np.dtype(type_spec.dtype).kind in "OSU":
        why = _("a text has any length")
    elif isinstance(type_spec, tff.TensorType):
        why = _("a dimension that is not fixed, printed as `?`, has any size")
    else:
        why = _("it is no number")
    message = _("`{type}` cannot be counted before it runs: {why}.")
    if path:
        message = _("`{type}`, called `{path}`, cannot be counted before it runs: {why}.")
    return CannotCount(message.format(type=type_spec, path=path, why=why))
