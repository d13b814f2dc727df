"""The handwriting data: the bundled split, and EMNIST from a tiny database on a local server."""

import lzma
import socket
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff
from sklearn.datasets import load_digits

from fedcourse import digits
from fedcourse.data import handwriting, load_handwriting, unseen_clients
from fedcourse.data.download import DownloadError

ClientData = tff.simulation.datasets.ClientData
Split = tuple[ClientData, ClientData]

WRITERS = [f"f{number:04d}_10" for number in range(12)]
STRUCTURE = OrderedDict(label=tf.TensorSpec([], tf.int32), pixels=tf.TensorSpec([28, 28], tf.float32))


def examples(data: ClientData, client: str) -> tuple[np.ndarray, np.ndarray]:
    """All of a client's (labels [n], pixels [n, 28, 28])."""
    batch = next(data.create_tf_dataset_for_client(client).batch(1000).as_numpy_iterator())
    return batch["label"], batch["pixels"]


def everything(split: Split) -> dict[tuple[int, str], tuple[np.ndarray, np.ndarray]]:
    """Every client's examples by (0 for train or 1 for test, client id)."""
    return {
        (part, client): examples(data, client)
        for part, data in enumerate(split)
        for client in data.client_ids
    }


@pytest.fixture(scope="module")
def bundled() -> Split:
    return load_handwriting("bundled")


def test_bundled_has_emnists_structure(bundled):
    for data in bundled:
        assert isinstance(data, ClientData)
        assert data.element_type_structure == STRUCTURE
        assert list(data.element_type_structure) == ["label", "pixels"]


def test_bundled_is_ink_on_paper(bundled):
    pixels = np.concatenate([images for _labels, images in everything(bundled).values()])
    assert pixels.min() == 0 and pixels.max() == 1
    assert pixels[:, 0].max() < 0.5, "the first row of an image is paper"
    assert 0.05 < pixels.mean() < 0.3


def test_bundled_is_the_same_every_time(bundled):
    first, second = everything(bundled), everything(load_handwriting("bundled"))
    assert first.keys() == second.keys()
    for key in first:
        np.testing.assert_array_equal(first[key][0], second[key][0])
        np.testing.assert_array_equal(first[key][1], second[key][1])


def test_every_image_is_dealt_to_exactly_one_client():
    labels = load_digits().target
    hands = digits._partition(labels, np.random.default_rng(1))
    assert sorted(np.concatenate(hands)) == list(range(len(labels)))


def test_bundled_uses_every_digit_once(bundled):
    labels = np.concatenate([labels for labels, _pixels in everything(bundled).values()])
    np.testing.assert_array_equal(np.bincount(labels), np.bincount(load_digits().target))


def test_bundled_clients_have_enough_and_unequal_numbers_of_images(bundled):
    sizes = dict.fromkeys(bundled[1].client_ids, 0)
    for (_part, client), (labels, _pixels) in everything(bundled).items():
        sizes[client] += len(labels)
    assert list(sizes) == [f"client_{number:02d}" for number in range(40)]
    assert min(sizes.values()) >= 15
    assert max(sizes.values()) > 2 * min(sizes.values())


def test_bundled_keeps_eight_clients_out_of_training(bundled):
    train, test = bundled
    unseen = unseen_clients(train, test)
    assert len(unseen) == 8 and len(train.client_ids) == 32
    assert unseen == sorted(set(test.client_ids) - set(train.client_ids))
    assert unseen != test.client_ids[-8:], "the name must not give it away"
    for client in train.client_ids:
        learned, held = len(examples(train, client)[0]), len(examples(test, client)[0])
        assert abs(learned - 0.8 * (learned + held)) <= 0.5


def test_bundled_labels_are_skewed(bundled):
    train, _test = bundled
    counts = np.stack([np.bincount(examples(train, c)[0], minlength=10) for c in train.client_ids])
    favourite = (counts.max(axis=1) / counts.sum(axis=1)).mean()
    assert favourite > 0.3, "with equal labels it would be about 0.17"


def test_each_client_has_a_style_of_its_own():
    digit = load_digits().images[:1] / 16
    rng = np.random.default_rng(0)
    written = np.concatenate([digits._write(digit, rng) for _writer in range(10)])
    apart = [np.abs(a - b).mean() for i, a in enumerate(written) for b in written[:i]]
    assert min(apart) > 0.01
    assert np.std(written.sum(axis=(1, 2))) > 5, "stroke weights differ"
    twice = digits._write(np.repeat(digit, 2, axis=0), rng)
    np.testing.assert_array_equal(twice[0], twice[1])


def test_bundled_can_be_preprocessed_and_traced(bundled):
    train, _test = bundled
    batched = train.preprocess(lambda dataset: dataset.batch(5))
    client = train.client_ids[3]
    batches = list(batched.dataset_computation(client))
    np.testing.assert_array_equal(
        np.concatenate([batch["pixels"] for batch in batches]), examples(train, client)[1]
    )
    total = sum(len(examples(train, c)[0]) for c in train.client_ids)
    assert sum(1 for _example in train.create_tf_dataset_from_all_clients(seed=1)) == total


def test_unknown_source_names_the_three():
    with pytest.raises(ValueError, match=r"'mnist'.*'auto'.*'bundled'.*'emnist'"):
        load_handwriting("mnist")


def tiny_emnist(path: Path) -> bytes:
    """An EMNIST of 12 writers in TFF's format, 3 images each in train and 1 in test, compressed.

    Image k of writer w is paper (1.0) but for one pixel of ink (0.0), at row w and column k.
    """
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE examples (split_name, client_id, serialized_example_proto)")
        database.execute("CREATE TABLE client_metadata (client_id, split_name, num_examples)")
        for split, columns in (("digits_only_train", range(3)), ("digits_only_test", range(3, 4))):
            for row, writer in enumerate(WRITERS):
                rows = [(split, writer, serialized(row, column)) for column in columns]
                database.executemany("INSERT INTO examples VALUES (?, ?, ?)", rows)
                database.execute("INSERT INTO client_metadata VALUES (?, ?, ?)", (writer, split, len(rows)))
    return lzma.compress(path.read_bytes(), format=lzma.FORMAT_ALONE)


def serialized(row: int, column: int) -> bytes:
    """A tf.train.Example of one image in TFF's EMNIST."""
    pixels = np.ones([28, 28], np.float32)
    pixels[row, column] = 0
    features = {
        "pixels": tf.train.Feature(float_list=tf.train.FloatList(value=pixels.flatten())),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[column])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


class Server(ThreadingHTTPServer):
    """Serves `body` at any path; sends only the first `sent` bytes of it where that is set."""

    def __init__(self, body: bytes):
        self.body, self.sent, self.says_length, self.requests = body, None, True, []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.server.requests.append(self.command)
        self.send_response(200)
        if self.server.says_length:
            self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.server.body[: self.server.sent])

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return tiny_emnist(tmp_path_factory.mktemp("emnist") / "tiny.sqlite")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so nothing is cached; nobody waits for a server until its patience is over."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(handwriting, "PATIENCE_SECONDS", 10**6)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def server(home: Path, compressed: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that has the tiny EMNIST, and an empty cache."""
    with Server(compressed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(
            handwriting, "EMNIST_URL", f"http://127.0.0.1:{server.server_port}/emnist_all.sqlite.lzma"
        )
        yield server
        server.shutdown()


@pytest.fixture
def unreachable(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL that nothing answers, and an empty cache."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setattr(handwriting, "EMNIST_URL", f"http://127.0.0.1:{port}/emnist_all.sqlite.lzma")


def cached_files(home: Path) -> list[str]:
    """What lies in the cache, leftovers included."""
    return sorted(path.name for path in (home / ".tff").iterdir())


def test_emnist_is_fetched_inverted_and_split(server, home):
    train, test = load_handwriting("emnist")
    assert cached_files(home) == ["emnist_all.sqlite"]
    assert train.element_type_structure == test.element_type_structure == STRUCTURE
    assert test.client_ids == WRITERS
    assert len(unseen_clients(train, test)) == 2
    assert len(train.client_ids) == 10
    writer = train.client_ids[4]
    labels, pixels = examples(train, writer)
    assert sorted(labels) == [0, 1, 2]
    for label, image in zip(labels, pixels, strict=True):
        expected = np.zeros([28, 28])
        expected[WRITERS.index(writer), label] = 1
        np.testing.assert_array_equal(image, expected)
    assert list(examples(test, writer)[0]) == [3]


def test_emnist_is_fetched_once(server):
    first = load_handwriting("emnist")
    server.shutdown()
    server.server_close()
    second = load_handwriting("emnist")
    assert server.requests == ["GET"]
    assert first[0].client_ids == second[0].client_ids


@pytest.mark.parametrize(
    ("says_length", "reason"), [(True, "connection ended after"), (False, "end-of-stream")]
)
def test_an_interrupted_download_leaves_nothing_and_can_be_repeated(
    server, home, compressed, says_length, reason
):
    server.sent, server.says_length = len(compressed) // 2, says_length
    with pytest.raises(DownloadError, match=rf"{reason}.*source='bundled'"):
        load_handwriting("emnist")
    assert cached_files(home) == []
    server.sent = None
    train, _test = load_handwriting("emnist")
    assert len(train.client_ids) == 10


def test_a_truncated_cache_is_fetched_again(server, home):
    load_handwriting("emnist")
    cached = home / ".tff" / "emnist_all.sqlite"
    whole = cached.read_bytes()
    cached.write_bytes(whole[: len(whole) // 2])
    load_handwriting("emnist")
    assert cached.read_bytes() == whole


def test_two_downloads_at_once_do_not_disturb_each_other(server, home):
    threads = [threading.Thread(target=handwriting._fetch_emnist) for _i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cached_files(home) == ["emnist_all.sqlite"]
    assert handwriting.emnist_is_cached()


def test_without_a_network_emnist_says_what_to_do(unreachable):
    with pytest.raises(ConnectionError, match=r"Check the network .*\(source='bundled'\)"):
        load_handwriting("emnist")


def one_line(capsys: pytest.CaptureFixture[str], load: Callable[[], Split]) -> tuple[Split, str]:
    """What `load` returns, and the one line that it prints."""
    split = load()
    (line,) = capsys.readouterr().out.splitlines()
    return split, line


def test_auto_downloads_then_finds_emnist(server, capsys):
    (train, _test), line = one_line(capsys, load_handwriting)
    assert "EMNIST, downloaded" in line and len(train.client_ids) == 10
    _split, line = one_line(capsys, load_handwriting)
    assert "EMNIST, found" in line
    assert server.requests == ["HEAD", "GET"]


def test_auto_falls_back_at_once_without_a_network(unreachable, capsys):
    (train, _test), line = one_line(capsys, load_handwriting)
    assert "bundled" in line and "did not answer" in line
    assert len(train.client_ids) == 32


def test_auto_falls_back_when_the_server_is_slow(home, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(handwriting, "PATIENCE_SECONDS", 0.2)
        monkeypatch.setattr(handwriting, "EMNIST_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/e.lzma")
        _split, line = one_line(capsys, load_handwriting)
    assert "did not answer within 0.2 seconds" in line


def test_auto_falls_back_when_the_download_breaks(server, compressed, capsys):
    server.sent = len(compressed) // 2
    (train, _test), line = one_line(capsys, load_handwriting)
    assert "bundled" in line and "did not arrive" in line
    assert len(train.client_ids) == 32


def test_only_auto_prints(server, capsys):
    load_handwriting("bundled")
    load_handwriting("emnist")
    assert capsys.readouterr().out == ""


def test_the_line_is_translated(unreachable, capsys, monkeypatch):
    monkeypatch.setattr(handwriting, "_", lambda message: f"traduzido: {message}")
    _split, line = one_line(capsys, load_handwriting)
    assert line.startswith("traduzido: Data")
