"""Client states by client id, in files that are whole or not there.

In a simulation one process plays all the phones, so it also has to keep what each phone would keep by itself.
"""

import os
import tempfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path

import numpy as np

from fedcourse.i18n import _

State = Mapping[str, np.ndarray]
_IDS, _FIELD, _MEMBER = "client_ids", "state.", ".npy"


class BrokenFile(ValueError):
    """A file is no file of arrays, is damaged, or holds something else; the message says what to do."""


class ClientStore(MutableMapping[str, OrderedDict]):
    """A dictionary from client id to that client's state, an OrderedDict of arrays; it can be saved.

    `store[client_id]` is the state that was kept, or a fresh `first_state()` for a client who is new; only
    writing keeps one. All states have the fields, shapes and dtypes of the first state.
    """

    def __init__(self, first_state: Callable[[], State]):
        self._first_state = first_state
        self._like = _arrays(first_state())
        self._states: dict[str, OrderedDict[str, np.ndarray]] = {}

    def __getitem__(self, client_id: str) -> OrderedDict[str, np.ndarray]:
        kept = self._states.get(client_id)
        return _arrays(self._first_state() if kept is None else kept)

    def __setitem__(self, client_id: str, state: State) -> None:
        if not isinstance(client_id, str):
            message = _("A client id is a text, not {id!r}: a number may be a position, which changes.")
            raise TypeError(message.format(id=client_id))
        arrays = _arrays(state)
        if _form(arrays) != _form(self._like):
            message = _("The state of {client} is {given}, but all states here are {wanted}.")
            given, wanted = _form(arrays), _form(self._like)
            raise ValueError(message.format(client=client_id, given=given, wanted=wanted))
        self._states[client_id] = arrays

    def __delitem__(self, client_id: str) -> None:
        del self._states[client_id]

    def __ior__(self, other: Mapping[str, State]) -> "ClientStore":
        self.update(other)
        return self

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._states

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all states to the file `path`; a crash in the middle leaves the file that was there."""
        ids = np.array(list(self._states), dtype=np.str_)
        stacked = {
            _FIELD + name: np.stack([state[name] for state in self._states.values()])
            if self._states
            else np.empty((0, *like.shape), like.dtype)
            for name, like in self._like.items()
        }
        write_arrays(path, {_IDS: ids, **stacked})

    @classmethod
    def load(cls, path: str | os.PathLike[str], first_state: Callable[[], State]) -> "ClientStore":
        """The store that `save` wrote to the file `path`.

        Raises:
          FileNotFoundError: there is no such file.
          BrokenFile: it is damaged, or its states are not like `first_state()`.
        """
        store, arrays = cls(first_state), read_arrays(path)
        ids = arrays.pop(_IDS, np.empty(0))
        found = OrderedDict((name.removeprefix(_FIELD), array) for name, array in arrays.items())
        wanted = OrderedDict(
            (name, np.empty((len(ids), *like.shape), like.dtype)) for name, like in store._like.items()
        )
        if ids.dtype.kind != "U" or _form(found) != _form(wanted):
            message = _("{path} holds {found}, and not the states of {count} clients as expected, {wanted}.")
            found, wanted = _form(found), _form(wanted)
            raise BrokenFile(message.format(path=path, found=found, count=len(ids), wanted=wanted))
        for place, client_id in enumerate(ids.tolist()):
            store[client_id] = {name: array[place] for name, array in found.items()}
        return store


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays to the file `path`, which at any moment is the old or the new one, never a half.

    All is first written to another file of the same folder, and must be on the disk before it takes the name.
    """
    path = Path(path)
    descriptor, scratch = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:  # what numpy calls an .npz
                for name, array in arrays.items():
                    with archive.open(f"{name}{_MEMBER}", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise
    _sync_folder(path.parent)


def read_arrays(path: str | os.PathLike[str]) -> OrderedDict[str, np.ndarray]:
    """The named arrays that `write_arrays` wrote to the file `path`, in their order.

    Raises:
      FileNotFoundError: there is no such file.
      BrokenFile: it is damaged or no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return OrderedDict(
                (name.removesuffix(_MEMBER), _read(archive, name)) for name in archive.namelist()
            )
    except FileNotFoundError:
        raise
    except (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        message = _(
            "{path} cannot be read: it is damaged, or no file of arrays ({reason}). Take an older copy, or "
            "delete it and start anew."
        )
        raise BrokenFile(message.format(path=path, reason=error)) from error


def _read(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    # Without pickle, a file from elsewhere can hold numbers and texts but no code.
    with archive.open(name) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _arrays(state: State) -> OrderedDict[str, np.ndarray]:
    """A copy of a state as arrays, so that no two clients can ever share one."""
    return OrderedDict((name, np.array(value)) for name, value in state.items())


def _form(arrays: Mapping[str, np.ndarray]) -> str:
    """Fields with dtype and shape, as text."""
    return ", ".join(f"{name}: {array.dtype}{list(array.shape)}" for name, array in arrays.items()) or "–"


def _sync_folder(folder: Path) -> None:
    """Have the new name itself on the disk, too, where the system can do that."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
