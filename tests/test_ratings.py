"""Ratings by user: the invented ones, the parser, and what it says about broken files."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_federated as tff

from fedcourse.data import load_ratings, ratings
from fedcourse.data.ratings import Movie, Ratings, RatingsError

MOVIES = "1::Toy Story (1995)::Animation|Children's|Comedy\n5::Café (1999)::Drama\n9::Unseen (2000)::Drama\n"
RATINGS = "1::5::4::300\n1::1::5::200\n2::1::3.5::100\n10::5::1::100\n"


@pytest.fixture(scope="module")
def bundled() -> Ratings:
    return load_ratings("bundled")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two small files in MovieLens' format."""
    return written(tmp_path)


def written(folder: Path, movies: str = MOVIES, rated: str = RATINGS) -> Path:
    (folder / "movies.dat").write_bytes(movies.encode("iso-8859-1"))
    (folder / "ratings.dat").write_bytes(rated.encode("iso-8859-1"))
    return folder


def users(loaded: Ratings) -> dict[str, tuple[list[int], list[float]]]:
    """(Items, stars) of every user of all splits."""
    found = {}
    for split in loaded[:3]:
        for client_id in split.client_ids:
            examples = list(split.create_tf_dataset_for_client(client_id).as_numpy_iterator())
            found[client_id] = [e["item"].item() for e in examples], [e["rating"].item() for e in examples]
    return found


def test_bundled_is_one_dataset_a_user(bundled):
    for split in bundled[:3]:
        assert isinstance(split, tff.simulation.datasets.ClientData)
        assert list(split.element_type_structure.items()) == [
            ("item", tf.TensorSpec([], tf.int32)),
            ("rating", tf.TensorSpec([], tf.float32)),
        ]


def test_bundled_is_split_by_user(bundled):
    ids = [set(split.client_ids) for split in bundled[:3]]
    assert [len(each) for each in ids] == [64, 8, 8]
    assert len(set.union(*ids)) == 80
    assert bundled.test.client_ids != sorted(set.union(*ids))[-8:], "the name must not give it away"


def test_bundled_has_ratings_enough_and_a_long_tail(bundled):
    by_user = users(bundled)
    assert all(len(items) == len(set(items)) >= 16 for items, _stars in by_user.values())
    assert {star for _items, stars in by_user.values() for star in stars} == {1, 2, 3, 4, 5}
    counts = np.bincount(np.concatenate([items for items, _stars in by_user.values()]))
    assert len(counts) == len(bundled.movies) and 0 < 4 * counts.min() < counts.max()
    assert np.sort(counts)[-15:].sum() > 0.4 * counts.sum()


def test_bundled_ratings_are_of_low_rank(bundled):
    """Three numbers a user explain more than half of what the films' means leave, on known ratings."""
    by_user = users(bundled)
    table = np.full([len(by_user), len(bundled.movies)], np.nan)
    for row, (items, stars) in zip(table, by_user.values(), strict=True):
        row[items] = stars
    left = np.nan_to_num(table - np.nanmean(table, axis=0))
    strength = np.linalg.svd(left, compute_uv=False) ** 2
    assert strength[:3].sum() > 0.5 * strength.sum() and strength[2] > 1.5 * strength[3]


def test_bundled_genres_say_who_likes_what(bundled):
    """Who likes one Western likes others better than romances: an axis of taste has a genre at either end."""
    differences = []
    for items, stars in users(bundled).values():
        mean = {
            genre: [
                star
                for item, star in zip(items, stars, strict=True)
                if bundled.movies[item].genres == (genre,)
            ]
            for genre in ("Western", "Romance")
        }
        if all(mean.values()):
            differences.append(np.mean(mean["Western"]) - np.mean(mean["Romance"]))
    assert np.std(differences) > 1


def test_bundled_is_the_same_every_time_and_quick(bundled):
    start = time.process_time()
    again = load_ratings("bundled")
    assert time.process_time() - start < 2
    assert users(again) == users(bundled) and again.movies == bundled.movies


def test_files_are_read_in_order_of_time_and_of_films(folder):
    loaded = load_ratings(folder)
    assert loaded.movies == (
        Movie("Toy Story (1995)", ("Animation", "Children's", "Comedy")),
        Movie("Café (1999)", ("Drama",)),
    ), "a film that nobody rated is left out"
    assert users(loaded) == {
        "user_01": ([0, 1], [5.0, 4.0]),
        "user_02": ([0], [3.5]),
        "user_10": ([1], [1.0]),
    }


def test_a_folder_may_be_text_and_lines_may_end_as_in_windows(tmp_path):
    written(tmp_path, MOVIES.replace("\n", "\r\n"), RATINGS.replace("\n", "\r\n"))
    assert load_ratings(str(tmp_path)).movies[1].title == "Café (1999)"


def test_a_letter_that_unicode_takes_for_a_line_break_is_none(tmp_path):
    written(tmp_path, movies=MOVIES.replace("Café", "Caf\x85"))
    assert load_ratings(tmp_path).movies[1].title == "Caf\x85 (1999)"


def test_the_bundled_files_are_in_movielens_format(tmp_path):
    ratings._invent(tmp_path)
    assert "é".encode("iso-8859-1") in (tmp_path / "movies.dat").read_bytes()
    first = (tmp_path / "ratings.dat").read_text("iso-8859-1").splitlines()[0]
    assert [part.isdigit() for part in first.split("::")] == [True] * 4


@pytest.mark.parametrize("name", ["ratings.dat", "movies.dat"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"no {name} in .*https://grouplens\.org"):
        load_ratings(folder)


def test_a_missing_folder_says_what_else_there_is(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere.*load_ratings\('bundled'\)"):
        load_ratings(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("broken", "line", "expected"),
    [
        (RATINGS[:-5], 4, r"UserID::MovieID::Rating::Timestamp"),  # cut short in a field
        (RATINGS[:-2], 4, r"a line break at its end: the file is cut short"),
        (RATINGS.replace("1::1::5::200", "1,1,5,200"), 2, r"UserID::MovieID::Rating::Timestamp"),
        (RATINGS.replace("1::1::5::200", "1::1::5::200::7"), 2, r"UserID::MovieID::Rating::Timestamp"),
        (RATINGS.replace("1::1::5::200", ""), 2, r"UserID::MovieID::Rating::Timestamp"),
        (RATINGS.replace("2::1::3.5", "two::1::3.5"), 3, r"a whole number as UserID"),
        (RATINGS.replace("2::1::3.5", "2::-1::3.5"), 3, r"a whole number as MovieID"),
        (RATINGS.replace("3.5::100", "3.5::now"), 3, r"a whole number as Timestamp"),
        (RATINGS.replace("3.5", "six"), 3, r"a rating from 0\.5 to 5 in steps of a half"),
        (RATINGS.replace("3.5", "6"), 3, r"a rating from 0\.5 to 5"),
        (RATINGS.replace("3.5", "3.4"), 3, r"a rating from 0\.5 to 5"),
        (RATINGS.replace("3.5", "nan"), 3, r"a rating from 0\.5 to 5"),
        (RATINGS.replace("2::1::3.5", "2::2::3.5"), 3, r"a MovieID that is in movies\.dat"),
        (RATINGS.replace("1::1::5", "1::5::5"), 2, r"a film that this user has not rated yet"),
        ("", 1, r"UserID::MovieID::Rating::Timestamp"),
    ],
)
def test_broken_ratings_are_named_by_file_line_and_what_is_expected(tmp_path, broken, line, expected):
    written(tmp_path, rated=broken)
    with pytest.raises(
        RatingsError, match=rf"ratings\.dat, line {line}: found '.*', expected {expected}.*Unpack"
    ):
        load_ratings(tmp_path)


@pytest.mark.parametrize(
    ("broken", "line", "expected"),
    [
        (MOVIES[:-1], 3, r"a line break at its end"),
        (MOVIES.replace("::Drama", "", 1), 2, r"MovieID::Title::Genres"),
        (MOVIES.replace("5::C", "x::C"), 2, r"a whole number as MovieID"),
        (MOVIES.replace("5::C", "1::C"), 2, r"a film that is not in the file yet"),
        (MOVIES.replace("Café (1999)", ""), 2, r"a title"),
        ("", 1, r"MovieID::Title::Genres"),
    ],
)
def test_broken_movies_are_named_by_file_line_and_what_is_expected(tmp_path, broken, line, expected):
    written(tmp_path, movies=broken)
    with pytest.raises(
        RatingsError, match=rf"movies\.dat, line {line}: found '.*', expected {expected}.*Unpack"
    ):
        load_ratings(tmp_path)


def test_two_users_are_too_few(tmp_path):
    written(tmp_path, rated=RATINGS.replace("10::5::1::100\n", ""))
    with pytest.raises(RatingsError, match=r"ratings\.dat has ratings of 2 users, and at least 3 are needed"):
        load_ratings(tmp_path)


def test_a_long_broken_line_is_shown_in_part(tmp_path):
    written(tmp_path, rated="x" * 1000 + "\n")
    with pytest.raises(RatingsError) as caught:
        load_ratings(tmp_path)
    assert "x" * 60 + "…" in str(caught.value) and "x" * 61 not in str(caught.value)


def one_line(capsys: pytest.CaptureFixture[str], load: Callable[[], Ratings]) -> tuple[Ratings, str]:
    """What `load` returns, and the one line that it prints."""
    loaded = load()
    [line] = capsys.readouterr().out.splitlines()
    return loaded, line


def test_auto_takes_the_users_files_where_they_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FEDCOURSE_HOME", str(tmp_path))
    loaded, line = one_line(capsys, load_ratings)
    assert "invented ratings, because there are no MovieLens files" in line and len(loaded.movies) == 60
    ratings.ratings_folder().mkdir(parents=True)
    written(ratings.ratings_folder())
    loaded, line = one_line(capsys, load_ratings)
    assert f"found in {ratings.ratings_folder()}" in line and len(loaded.movies) == 2
    (ratings.ratings_folder() / "movies.dat").unlink()
    with pytest.raises(FileNotFoundError, match=r"no movies\.dat"):
        load_ratings()


def test_only_auto_prints(folder, capsys):
    load_ratings("bundled")
    load_ratings(folder)
    assert capsys.readouterr().out == ""


def test_messages_are_translated(folder, monkeypatch):
    monkeypatch.setattr(ratings, "_", lambda message: f"traduzido: {message}")
    (folder / "ratings.dat").write_text("1\n")
    with pytest.raises(RatingsError, match=r"^traduzido: "):
        load_ratings(folder)
