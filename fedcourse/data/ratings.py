"""Film ratings by user: MovieLens files from a folder, or an invented default in the very same format."""

import os
import re
import tempfile
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow_federated as tff

from fedcourse.home import home
from fedcourse.i18n import _

ClientData = tff.simulation.datasets.ClientData

RATINGS_FILE, MOVIES_FILE = "ratings.dat", "movies.dat"
MOVIELENS_URL = "https://grouplens.org/datasets/movielens/1m/"
ENCODING = "iso-8859-1"
SEPARATOR = "::"
LOWEST, HIGHEST = 0.5, 5.0

SEED = 12
HELD_BACK = 0.1  # share of the users for validation, and again as many for the test

USERS, MOVIES = 80, 60
FEWEST, MOST = 16, 60  # ratings of an invented user
LONG_TAIL = 1.2  # exponent of Zipf's law: the film of rank r is watched in proportion to r ** -1.2
NOISE = 0.45  # standard deviation, in stars, of what no taste explains
# Axes of taste with a genre at either end: the invented ratings are of rank 3, plus each film's quality.
AXES = (("Comedy", "Horror"), ("Romance", "Western"), ("Documentary", "Sci-Fi"))
FIRST_WORDS = ("Café", "Midnight", "Señor", "Paper", "Golden", "Déjà", "Silent", "Crooked", "Über", "Blue")
SECOND_WORDS = ("Penguins", "Piano", "Canyon", "Robots", "Tango", "Teapot", "Lighthouse", "Mirror", "Bicycle")


class RatingsError(ValueError):
    """A file of ratings is broken; the message names file, line, what was found and expected, what to try."""


class Movie(NamedTuple):
    """A film: its title with the year, and its genres."""

    title: str
    genres: tuple[str, ...]


class Ratings(NamedTuple):
    """Ratings by user, `item` int32 [] and `rating` float32 [] in order of time; no user is in two splits.

    `item` is an index into `movies`, which holds the films that somebody rated, in the order of the file.
    """

    train: ClientData
    validation: ClientData
    test: ClientData
    movies: tuple[Movie, ...]


def load_ratings(source: str | os.PathLike[str] = "auto") -> Ratings:
    """MovieLens ratings from the folder `source`, or invented ones ("bundled") through the same parser.

    "auto" takes the files in `ratings_folder()` if they are there, else the invented ones, and prints which.

    Raises:
      FileNotFoundError: there is no such folder, or one of the two files is not in it.
      RatingsError: a file is broken or cut short.
    """
    if source == "auto":
        ratings, why = _load_auto()
        print(why)
        return ratings
    return _load_bundled() if source == "bundled" else _load_folder(Path(source))


def ratings_folder() -> Path:
    """Where "auto" looks for `ratings.dat` and `movies.dat`."""
    return home() / "movielens"


def _load_auto() -> tuple[Ratings, str]:
    """The ratings, and one line that says which source they are from and why."""
    folder = ratings_folder()
    if any((folder / name).exists() for name in (RATINGS_FILE, MOVIES_FILE)):
        return _load_folder(folder), _("Data: the ratings found in {folder}.").format(folder=folder)
    why = _("Data: invented ratings, because there are no MovieLens files in {folder}.").format(folder=folder)
    return _load_bundled(), why


def _load_bundled() -> Ratings:
    with tempfile.TemporaryDirectory(prefix="fedcourse-ratings-") as folder:
        _invent(Path(folder))
        return _load_folder(Path(folder))


def _load_folder(folder: Path) -> Ratings:
    if not folder.is_dir():
        message = _(
            "There is no folder {folder}. Name the folder that holds `ratings.dat` and `movies.dat`, or "
            "write load_ratings('bundled'), which needs no files."
        )
        raise FileNotFoundError(message.format(folder=folder))
    for name in (RATINGS_FILE, MOVIES_FILE):
        if not (folder / name).is_file():
            message = _(
                "There is no {name} in {folder}. Unpack a MovieLens archive, such as ml-1m.zip from {url}, "
                "and name the folder that holds `ratings.dat` and `movies.dat`."
            )
            raise FileNotFoundError(message.format(name=name, folder=folder, url=MOVIELENS_URL))
    movies = _read_movies(folder / MOVIES_FILE)
    by_user = _read_ratings(folder / RATINGS_FILE, movies)
    rated = {movie for ratings in by_user.values() for movie in ratings}
    items = {movie: item for item, movie in enumerate(movie for movie in movies if movie in rated)}
    if len(by_user) < len(Ratings._fields[:3]):
        message = _("{path} has ratings of {count} users, and at least 3 are needed, one for each split.")
        raise RatingsError(message.format(path=folder / RATINGS_FILE, count=len(by_user)))
    clients = _clients(by_user, items)
    return Ratings(*_split(clients), tuple(movies[movie] for movie in items))


def _clients(
    by_user: dict[int, dict[int, tuple[float, int]]], items: dict[int, int]
) -> dict[str, OrderedDict[str, np.ndarray]]:
    """Each user's ratings in order of time, by a client id that sorts like the user's number."""
    digits = len(str(max(by_user)))
    clients = {}
    for user in sorted(by_user):
        in_time = sorted(by_user[user].items(), key=lambda rated: (rated[1][1], rated[0]))
        clients[f"user_{user:0{digits}d}"] = OrderedDict(
            item=np.array([items[movie] for movie, _rating in in_time], np.int32),
            rating=np.array([stars for _movie, (stars, _time) in in_time], np.float32),
        )
    return clients


def _split(clients: dict[str, OrderedDict]) -> Iterator[ClientData]:
    """Train, validation and test: every user is in exactly one of them."""
    ids = np.random.default_rng(SEED).permutation(sorted(clients))
    held_back = max(1, round(HELD_BACK * len(ids)))
    for chosen in np.split(ids, [-2 * held_back, -held_back]):
        yield tff.simulation.datasets.TestClientData({str(name): clients[name] for name in sorted(chosen)})


# --- the parser ---


def _read_movies(path: Path) -> dict[int, Movie]:
    """Films by number: `MovieID::Title::Genres`, the genres with a bar between them."""
    movies = {}
    for number, line, fields in _lines(path, "MovieID::Title::Genres"):
        movie = _whole_number(path, number, line, fields[0], "MovieID")
        if movie in movies:
            raise _broken(path, number, line, _("a film that is not in the file yet"))
        if not fields[1].strip():
            raise _broken(path, number, line, _("a title"))
        movies[movie] = Movie(fields[1].strip(), tuple(fields[2].split("|")))
    return movies


def _read_ratings(path: Path, movies: dict[int, Movie]) -> dict[int, dict[int, tuple[float, int]]]:
    """(Stars, time) by user and film: `UserID::MovieID::Rating::Timestamp`."""
    by_user: dict[int, dict[int, tuple[float, int]]] = defaultdict(dict)
    for number, line, fields in _lines(path, "UserID::MovieID::Rating::Timestamp"):
        user = _whole_number(path, number, line, fields[0], "UserID")
        movie = _whole_number(path, number, line, fields[1], "MovieID")
        time = _whole_number(path, number, line, fields[3], "Timestamp")
        if movie not in movies:
            raise _broken(path, number, line, _("a MovieID that is in {name}").format(name=MOVIES_FILE))
        if movie in by_user[user]:
            raise _broken(path, number, line, _("a film that this user has not rated yet"))
        by_user[user][movie] = (_stars(path, number, line, fields[2]), time)
    return by_user


def _lines(path: Path, form: str) -> Iterator[tuple[int, str, list[str]]]:
    """Number, text and fields of each line of a file of the given form."""
    number, line = 0, "\n"
    # Iterating splits at line breaks only; `str.splitlines` would also split at some ISO-8859-1 letters.
    with path.open(encoding=ENCODING) as file:
        for number, line in enumerate(file, 1):
            text = line.rstrip("\n")
            fields = text.split(SEPARATOR)
            if len(fields) != form.count(SEPARATOR) + 1:
                raise _broken(path, number, text, form)
            if not line.endswith("\n"):
                raise _broken(path, number, text, _("a line break at its end: the file is cut short"))
            yield number, text, fields
    if not number:
        raise _broken(path, 1, "", form)


def _whole_number(path: Path, number: int, line: str, field: str, name: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", field):
        raise _broken(path, number, line, _("a whole number as {name}").format(name=name))
    return int(field)


def _stars(path: Path, number: int, line: str, field: str) -> float:
    stars = float(field) if re.fullmatch(r"[0-9](\.[0-9])?", field) else 0.0
    if not LOWEST <= stars <= HIGHEST or 2 * stars % 1:
        raise _broken(path, number, line, _("a rating from 0.5 to 5 in steps of a half"))
    return stars


def _broken(path: Path, number: int, line: str, expected: str) -> RatingsError:
    message = _(
        "{path}, line {number}: found {found!r}, expected {expected}. Unpack the archive again, or mend the "
        "line; load_ratings('bundled') needs no files."
    )
    found = line if len(line) <= 60 else line[:60] + "…"
    return RatingsError(message.format(path=path, number=number, found=found, expected=expected))


# --- the invented ratings ---


def _invent(folder: Path) -> None:
    """Write `movies.dat` and `ratings.dat` with invented films, users and ratings, the same every time."""
    rng = np.random.default_rng(SEED)
    genres, places = _invent_genres(rng)
    titles = _invent_titles(np.random.default_rng(SEED))
    movie_ids = np.sort(
        rng.choice(np.arange(1, 4 * MOVIES), MOVIES, replace=False)
    )  # with gaps, as in MovieLens
    _write(folder / MOVIES_FILE, zip(movie_ids, titles, map("|".join, genres), strict=True))
    _write(folder / RATINGS_FILE, _invent_ratings(rng, movie_ids, places))


def _write(path: Path, rows: Iterator[tuple]) -> None:
    with path.open("w", encoding=ENCODING) as file:
        file.writelines(SEPARATOR.join(map(str, row)) + "\n" for row in rows)


def _invent_titles(rng: np.random.Generator) -> list[str]:
    pairs = [f"{first} {second}" for first in FIRST_WORDS for second in SECOND_WORDS]
    years = rng.integers(1950, 2000, MOVIES)
    return [f"{title} ({year})" for title, year in zip(rng.permutation(pairs)[:MOVIES], years, strict=True)]


def _invent_genres(rng: np.random.Generator) -> tuple[list[list[str]], np.ndarray]:
    """One or two genres a film, and where that puts the film on the axes of taste, float [films, axes]."""
    genres, places = [], np.zeros([MOVIES, len(AXES)])
    for movie in range(MOVIES):
        axes = rng.choice(len(AXES), rng.integers(1, 3), replace=False)
        ends = rng.integers(0, 2, len(axes))
        genres.append(sorted(AXES[axis][end] for axis, end in zip(axes, ends, strict=True)))
        places[movie, axes] = (1 - 2 * ends) / np.sqrt(len(axes))
    return genres, places + rng.normal(0, 0.15, places.shape)


def _invent_ratings(
    rng: np.random.Generator, movie_ids: np.ndarray, places: np.ndarray
) -> Iterator[tuple[int, int, int, int]]:
    """Lines of `ratings.dat`: a film's quality, plus the user's taste times the film's place, plus noise."""
    quality = rng.normal(3.4, 0.4, MOVIES)
    popularity = rng.permutation(np.arange(1, MOVIES + 1) ** -LONG_TAIL)
    for user in range(1, USERS + 1):
        taste = rng.normal(0, 1.0, len(AXES))
        count = int(np.clip(rng.lognormal(3.3, 0.5), FEWEST, MOST))
        watched = rng.choice(MOVIES, count, replace=False, p=popularity / popularity.sum())
        stars = quality[watched] + places[watched] @ taste + rng.normal(0, NOISE, count)
        start = 956_700_000 + int(rng.integers(0, 10_000_000))
        times = start + np.cumsum(rng.integers(20, 5_000, count))
        for movie, rating, time in zip(watched, np.clip(np.round(stars), 1, 5), times, strict=True):
            yield user, movie_ids[movie], int(rating), time
