"""An unknown name is answered with names that resemble it."""

from __future__ import annotations

import pytest

from poetry_lockguard.nearest_names import alike, nearest, suggestion

MANY = {f"package-{number}" for number in range(20)} | {"numpy", "requests", "responses"}


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("numpi", MANY, "; the nearest is numpy"),
        ("respests", MANY, "; the nearest are requests, responses"),
        ("zzzz", MANY, ""),
        ("zzzz", {"dev", "docs"}, "; the nearest are dev, docs"),
        ("zzzz", set(), "; none is declared"),
    ],
    ids=["one", "two", "unlike all of many", "unlike all of a few", "none"],
)
def test_a_suggestion(word: str, known: set[str], text: str) -> None:
    assert suggestion(word, known, none="none is declared") == text


def test_as_many_are_suggested_as_asked_for() -> None:
    assert suggestion("respests", MANY, most=1) == "; the nearest is requests"
    assert suggestion("zzzz", {"dev", "docs"}, most=1) == "; the nearest is dev"


def test_the_nearest_of_all_need_not_resemble() -> None:
    assert nearest("zzzz", {"check"}) == "check"
    assert nearest("zzzz", []) is None


def test_what_was_meant_is_nearly_the_same() -> None:
    assert alike("reqests", MANY) == "requests"
    assert alike("reqpons", {"requests"}) is None
    assert alike("requests", []) is None


def test_a_long_word_is_not_compared_whole() -> None:
    assert nearest("check" * 100_000, {"fix", "check"}) == "check"
