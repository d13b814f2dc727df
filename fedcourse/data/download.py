"""Fetching a compressed file once, so that an interrupted download never passes for a finished one."""

import http.client
import lzma
import os
import shutil
import tempfile
import threading
import urllib.request
from pathlib import Path

from tqdm import tqdm

from fedcourse.i18n import _

CHUNK_BYTES = 2**20
STALL_SECONDS = 30


class DownloadError(ConnectionError):
    """A file could not be fetched whole; nothing of it was kept."""


def server_answers(url: str, seconds: float) -> bool:
    """Whether `url` answers a HEAD request without an error within `seconds`."""
    answers = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=seconds):
                answers.append(url)
        except (OSError, http.client.HTTPException):
            pass

    # A thread, because urlopen's timeout does not cover looking up the server's name.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return bool(answers)


def fetch_lzma(url: str, target: Path) -> None:
    """Download the LZMA file at `url` and unpack it as `target`, which appears whole or not at all.

    Raises:
      DownloadError: the file did not arrive whole, or could not be stored.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # A folder of its own keeps two processes apart, beside `target` so that the last step is a rename.
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            packed, unpacked = Path(scratch, "packed.part"), Path(scratch, "unpacked.part")
            _download(url, packed)
            with lzma.open(packed) as source, unpacked.open("wb") as sink:
                shutil.copyfileobj(source, sink, CHUNK_BYTES)
            os.replace(unpacked, target)
    except (OSError, EOFError, lzma.LZMAError, http.client.HTTPException) as error:
        message = _("{url} could not be downloaded ({reason}).")
        reason = getattr(error, "reason", error)  # urllib wraps the plain words
        raise DownloadError(message.format(url=url, reason=reason)) from error


def _download(url: str, path: Path) -> None:
    """Write the bytes at `url` to `path`, with a progress bar; an early end of the stream is an EOFError."""
    with urllib.request.urlopen(url, timeout=STALL_SECONDS) as response, path.open("wb") as sink:
        total = response.length
        with tqdm.wrapattr(response, "read", total=total, desc=url.rsplit("/", 1)[-1]) as source:
            shutil.copyfileobj(source, sink, CHUNK_BYTES)
        # http.client reports a connection that was cut short as an ordinary end of file.
        if total is not None and sink.tell() < total:
            raise EOFError(
                _("the connection ended after {got} of {total} bytes").format(got=sink.tell(), total=total)
            )
