"""Client states by client id: defaults, copies, files that are whole or not there."""

import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from fedcourse import client_store
from fedcourse.client_store import BrokenFile, ClientStore, read_arrays, write_arrays


def first_state() -> OrderedDict:
    return OrderedDict(taste=np.zeros(3, np.float32), rounds=np.int32(0))


def state(number: int) -> OrderedDict:
    return OrderedDict(taste=np.full(3, number, np.float32), rounds=np.int32(number))


@pytest.fixture
def store() -> ClientStore:
    filled = ClientStore(first_state)
    filled |= {"bo": state(1), "ann": state(2), "김": state(3)}
    return filled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients.npz"


def assert_same(one: ClientStore, other: ClientStore) -> None:
    assert list(one) == list(other)
    for client_id in one:
        assert list(one[client_id]) == ["taste", "rounds"]
        for name, array in one[client_id].items():
            assert array.dtype == other[client_id][name].dtype
            np.testing.assert_array_equal(array, other[client_id][name])


def test_a_new_client_has_the_first_state_and_is_not_kept(store):
    assert store["new"]["rounds"] == 0 and store.get("new")["rounds"] == 0
    assert "new" not in store and len(store) == 3


def test_it_is_a_dictionary(store):
    del store["bo"]
    assert list(store) == ["ann", "김"] and store["bo"]["rounds"] == 0
    store.update(zip(["bo", "cy"], [state(4), state(5)], strict=True))
    assert [int(each["rounds"]) for each in store.values()] == [2, 3, 4, 5]


def test_states_are_copies(store):
    mine = state(7)
    store["cy"], store["dee"] = mine, mine
    mine["taste"][:] = -1
    store["cy"]["taste"][:] = -1
    assert store["cy"]["taste"][0] == store["dee"]["taste"][0] == 7


def test_a_position_is_no_client_id(store):
    with pytest.raises(TypeError, match=r"a text, not 0: a number may be a position"):
        store[0] = state(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"taste": np.zeros(3, np.float32)},
        {"taste": np.zeros(4, np.float32), "rounds": np.int32(0)},
        {"taste": np.zeros(3, np.float64), "rounds": np.int32(0)},
        {"rounds": np.int32(0), "taste": np.zeros(3, np.float32)},
    ],
)
def test_a_state_of_another_form_is_refused(store, wrong):
    with pytest.raises(ValueError, match=r"The state of cy is .*taste: float32\[3\], rounds: int32\[\]"):
        store["cy"] = wrong


def test_saved_and_loaded(store, path):
    store.save(path)
    assert_same(ClientStore.load(path, first_state), store)
    assert os.listdir(path.parent) == ["clients.npz"]


def test_an_empty_store_too(path):
    ClientStore(first_state).save(path)
    assert len(ClientStore.load(str(path), first_state)) == 0


def test_saving_again_replaces(store, path):
    store.save(path)
    store["bo"] = state(9)
    store.save(path)
    assert ClientStore.load(path, first_state)["bo"]["rounds"] == 9


@pytest.mark.parametrize("step", ["os.fsync", "os.replace", "numpy.lib.format.write_array"])
def test_a_failure_while_saving_leaves_the_old_file_and_no_other(store, path, step, monkeypatch):
    store.save(path)
    before = path.read_bytes()
    store["bo"] = state(9)

    def fail(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(step, fail)
    with pytest.raises(OSError, match="no space left"):
        store.save(path)
    assert path.read_bytes() == before and os.listdir(path.parent) == ["clients.npz"]


def test_all_is_on_the_disk_before_the_file_gets_its_name(store, path, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append("fsync"), fsync(fd)))
    monkeypatch.setattr(
        os, "replace", lambda a, b: (done.append(Path(a).parent == path.parent), replace(a, b))
    )
    store.save(path)
    assert done == ["fsync", True, "fsync"]  # the file, its name in the same folder, the folder


KILLED = """
import sys
import numpy as np
from fedcourse.client_store import write_arrays

def write_array(member, array, **how):
    member.write(b"half of it")
    print("half", flush=True)
    sys.stdin.read()

np.lib.format.write_array = write_array
write_arrays(sys.argv[1], {"a": np.ones(1000)})
"""


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(path):
    write_arrays(path, {"a": np.arange(5)})
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    np.testing.assert_array_equal(read_arrays(path)["a"], np.arange(5))


def test_two_who_write_at_once_leave_one_whole_file(path):
    def write(number: int) -> None:
        for _attempt in range(10):
            write_arrays(path, {"a": np.full(10_000, number)})

    threads = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(read_arrays(path)["a"].tolist())) == 1
    assert os.listdir(path.parent) == ["clients.npz"]


def test_arrays_keep_their_order_and_values(path):
    arrays = {"z": np.eye(2, dtype=np.float32), "a": np.int32(3), "file": np.array(["é"])}
    write_arrays(path, arrays)
    back = read_arrays(path)
    assert list(back) == ["z", "a", "file"] and back["a"] == 3 and back["file"][0] == "é"


def damaged(whole: bytes) -> dict[str, bytes]:
    flipped = bytearray(whole)
    flipped[whole.rfind(b"\x93NUMPY") + 130] ^= 1  # in the data, behind the header
    return {
        "empty": b"",
        "cut short": whole[: len(whole) // 2],
        "end missing": whole[:-10],
        "bit flipped": bytes(flipped),
        "text": b"user,taste\n",
    }


@pytest.mark.parametrize("how", damaged(bytes(200)))
def test_a_damaged_file_says_so(store, path, how):
    store.save(path)
    path.write_bytes(damaged(path.read_bytes())[how])
    with pytest.raises(BrokenFile, match=r"clients\.npz cannot be read: it is damaged.*Take an older copy"):
        ClientStore.load(path, first_state)


def test_code_in_a_file_is_not_run(path):
    np.savez(path, state=np.array([object()], dtype=object))
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_arrays(path)


def test_a_single_array_is_no_store(path):
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_arrays(path)


def test_a_missing_file_is_missing(path):
    with pytest.raises(FileNotFoundError):
        ClientStore.load(path, first_state)


def test_a_store_of_other_states_is_refused(store, path):
    store.save(path)

    def larger():
        return OrderedDict(taste=np.zeros(8, np.float32), rounds=np.int32(0))

    with pytest.raises(
        BrokenFile, match=r"holds taste: float32\[3, 3\].*states of 3 clients.*float32\[3, 8\]"
    ):
        ClientStore.load(path, larger)
    write_arrays(path, {"weights": np.zeros(3)})
    with pytest.raises(BrokenFile, match=r"holds weights: float64\[3\]"):
        ClientStore.load(path, first_state)


def test_messages_are_translated(path, monkeypatch):
    monkeypatch.setattr(client_store, "_", lambda message: f"traduzido: {message}")
    path.write_bytes(b"")
    with pytest.raises(BrokenFile, match=r"^traduzido: "):
        read_arrays(path)
