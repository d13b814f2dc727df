"""Handwritten digits by writer: federated EMNIST, or the bundled stand-in of `fedcourse.digits`."""

import math
import os
from collections import OrderedDict
from pathlib import Path
from typing import Literal

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.data.download import DownloadError, fetch_lzma, server_answers
from fedcourse.digits import SEED, Pages, written_digits
from fedcourse.i18n import _

ClientData = tff.simulation.datasets.ClientData
Source = Literal["auto", "bundled", "emnist"]

EMNIST_URL = "https://storage.googleapis.com/tff-datasets-public/emnist_all.sqlite.lzma"
PATIENCE_SECONDS = 3
HELD_BACK = 0.1  # share of EMNIST's writers that training never sees


def load_handwriting(source: Source = "auto") -> tuple[ClientData, ClientData]:
    """Digits by writer as (train, test): `label` int32 [], `pixels` float32 [28, 28], 0 paper to 1 ink.

    Some writers are in test only, see `unseen_clients`. "auto" takes EMNIST where it is cached or its
    server answers, else the bundled digits, and prints which and why.

    Raises:
      ValueError: no such source.
      DownloadError: "emnist" was asked for and could not be fetched; a ConnectionError.
    """
    if source == "auto":
        train, test, why = _load_auto()
        print(why)
        return train, test
    if source == "bundled":
        return _load_bundled()
    if source == "emnist":
        if not emnist_is_cached():
            _fetch_emnist()
        return _load_emnist()
    raise ValueError(_("no source {name!r}; choose 'auto', 'bundled' or 'emnist'").format(name=source))


def unseen_clients(train: ClientData, test: ClientData) -> list[str]:
    """Sorted ids of the clients in `test` that are not in `train`: people the model has never met."""
    return sorted(set(test.client_ids) - set(train.client_ids))


def emnist_path() -> Path:
    """Where federated EMNIST is, or would be, cached: TFF's own place, so that one copy serves both."""
    return Path(os.path.expanduser("~"), ".tff", "emnist_all.sqlite")


def emnist_is_cached() -> bool:
    """Whether all of EMNIST is there; TFF's own download, interrupted, leaves a file that is cut short.

    Source: https://www.sqlite.org/fileformat.html#the_database_header for the size a database says it has.
    """
    try:
        with emnist_path().open("rb") as file:
            header, size = file.read(100), os.fstat(file.fileno()).st_size
    except OSError:
        return False
    page_bytes, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    return header.startswith(b"SQLite format 3\0") and size >= page_bytes * pages


def _load_auto() -> tuple[ClientData, ClientData, str]:
    """(train, test, one line that says which source it is and why)."""
    if emnist_is_cached():
        why = _("Data: federated EMNIST, found at {path}.").format(path=emnist_path())
        return *_load_emnist(), why
    if not server_answers(EMNIST_URL, PATIENCE_SECONDS):
        why = _("Data: the bundled digits, because EMNIST's server did not answer within {seconds} seconds.")
        return *_load_bundled(), why.format(seconds=PATIENCE_SECONDS)
    try:
        fetch_lzma(EMNIST_URL, emnist_path())
    except DownloadError as error:
        why = _("Data: the bundled digits, because EMNIST did not arrive: {reason}").format(reason=error)
        return *_load_bundled(), why
    why = _("Data: federated EMNIST, downloaded to {path}.").format(path=emnist_path())
    return *_load_emnist(), why


def _fetch_emnist() -> None:
    """Download EMNIST to `emnist_path()`; a DownloadError says how to go on without it."""
    try:
        fetch_lzma(EMNIST_URL, emnist_path())
    except DownloadError as error:
        advice = _(
            "Check the network and try again, or call load_handwriting(source='bundled'), which needs none."
        )
        raise DownloadError(f"{error} {advice}") from error


def _load_emnist() -> tuple[ClientData, ClientData]:
    """Cached EMNIST digits (Caldas et al. 2018, arXiv 1812.01097), a tenth of the writers in test only."""
    folder = str(emnist_path().parent)
    train, test = tff.simulation.datasets.emnist.load_data(only_digits=True, cache_dir=folder)
    ids = train.client_ids
    held_back = set(np.random.default_rng(SEED).choice(ids, math.ceil(HELD_BACK * len(ids)), replace=False))
    seen = [client for client in ids if client not in held_back]
    train = ClientData.from_clients_and_tf_fn(seen, train.serializable_dataset_fn)
    return train.preprocess(_ink_is_one), test.preprocess(_ink_is_one)


def _ink_is_one(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """EMNIST as TFF has it is 1 for paper; the bundled digits, like MNIST, are 1 for ink."""
    return dataset.map(lambda example: OrderedDict(label=example["label"], pixels=1.0 - example["pixels"]))


def _load_bundled() -> tuple[ClientData, ClientData]:
    train, test = written_digits()
    return _in_memory(train), _in_memory(test)


def _in_memory(pages: dict[str, Pages]) -> ClientData:
    return tff.simulation.datasets.TestClientData(
        {client: OrderedDict(label=page["label"], pixels=page["pixels"]) for client, page in pages.items()}
    )
