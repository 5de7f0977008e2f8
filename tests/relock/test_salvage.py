"""Every pin that can still be read in a damaged lock is recovered."""

from __future__ import annotations

import re

import pytest

from poetry_lockguard.repair.salvage import salvage, split


def entry(name: str, version: str, *, lines: int = 2) -> str:
    files = "".join(
        f'    {{file = "{name}-{version}-{n}.whl", hash = "sha256:{n:064x}"}},\n'
        for n in range(lines)
    )
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\n'
        f'optional = false\npython-versions = "*"\ngroups = ["main"]\nfiles = [\n{files}]\n\n'
        f'[package.dependencies]\nother = ">=1"\n\n'
    )


METADATA = '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.10"\ncontent-hash = "00"\n'
PINS = [("alpha", "1.0"), ("beta", "2.0rc1"), ("gamma", "3.0+local"), ("delta", "1!4.0")]
LOCK = "# made by Poetry\n\n" + "".join(entry(*pin) for pin in PINS) + METADATA


def pins(content: bytes | str) -> list[tuple[str, str]]:
    raw = content.encode() if isinstance(content, str) else content
    return [(one["name"], one["version"]) for one in salvage(raw).entries]


def legible(text: str) -> list[tuple[str, str]]:
    """Tell by reading, not parsing, which pins a text still names."""
    return re.findall(r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"\n]+)"', text)


@pytest.mark.parametrize("cut", range(0, len(LOCK), 64))
def test_a_lock_cut_anywhere_gives_every_pin_it_still_names(cut: int) -> None:
    rest = LOCK[:cut]

    assert pins(rest) == legible(rest)


def conflict(ours: str, theirs: str, base: str | None = None) -> str:
    middle = "" if base is None else f"||||||| base\n{base}"
    return f"<<<<<<< HEAD\n{ours}{middle}=======\n{theirs}>>>>>>> branch\n"


ALPHA, BETA, OTHER_BETA = entry("alpha", "1.0"), entry("beta", "1.0"), entry("beta", "2.0")
DAMAGE: dict[str, tuple[bytes | str, list[tuple[str, str]]]] = {
    "whole": (LOCK, PINS),
    "empty": ("", []),
    "no TOML at all": ("not a lock\n", []),
    "conflict in metadata only": (
        ALPHA + conflict(METADATA, METADATA.replace("00", "11")),
        [("alpha", "1.0")],
    ),
    "conflict in a package": (
        ALPHA + conflict(BETA, OTHER_BETA) + METADATA,
        [("alpha", "1.0"), ("beta", "1.0"), ("beta", "2.0")],
    ),
    "conflict in a version": (
        '[[package]]\nname = "beta"\n'
        + conflict('version = "1.0"\n', 'version = "2.0"\n')
        + METADATA,
        [("beta", "1.0"), ("beta", "2.0")],
    ),
    "conflict as diff3 shows it": (
        ALPHA + conflict(BETA, OTHER_BETA, base=entry("beta", "0.5")) + METADATA,
        [("alpha", "1.0"), ("beta", "1.0"), ("beta", "2.0")],
    ),
    "byte order mark": (b"\xef\xbb\xbf" + (ALPHA + METADATA).encode(), [("alpha", "1.0")]),
    "NUL bytes at the end": ((ALPHA + METADATA).encode() + b"\0" * 99, [("alpha", "1.0")]),
    "invalid UTF-8 in a description": (
        (ALPHA + BETA).encode().replace(b'description = ""', b'description = "\xff\xfe"', 1),
        [("alpha", "1.0"), ("beta", "1.0")],
    ),
    "duplicate keys": (
        ALPHA.replace("optional = false", "optional = false\noptional = true") + BETA,
        [("alpha", "1.0"), ("beta", "1.0")],
    ),
    "metadata missing": (ALPHA + BETA, [("alpha", "1.0"), ("beta", "1.0")]),
    "lock-version from the future": (
        ALPHA + METADATA.replace("2.1", "9.0"),
        [("alpha", "1.0")],
    ),
    "a package without name": (
        '[[package]]\nversion = "1.0"\n\n' + BETA + METADATA,
        [("beta", "1.0")],
    ),
    "a version that is none": (entry("alpha", "one") + BETA + METADATA, [("beta", "1.0")]),
    "absurdly deep nesting": (
        ALPHA + '[[package]]\nname = "deep"\nversion = "1.0"\nfiles = ' + "[" * 20_000,
        [("alpha", "1.0"), ("deep", "1.0")],
    ),
    "CRLF": ((ALPHA + METADATA).replace("\n", "\r\n"), [("alpha", "1.0")]),
}


@pytest.mark.parametrize(("content", "expected"), DAMAGE.values(), ids=DAMAGE)
def test_damage(content: bytes | str, expected: list[tuple[str, str]]) -> None:
    assert pins(content) == expected


def test_an_undamaged_entry_is_kept_to_the_letter() -> None:
    (found,) = salvage((ALPHA + "[[package]]\nname = ").encode()).entries

    assert found["files"][1]["file"] == "alpha-1.0-1.whl"
    assert found["dependencies"] == {"other": ">=1"}


def test_text_without_conflict_is_one_side() -> None:
    assert split(LOCK) == (LOCK,)


def test_sides_of_a_conflict_are_what_each_branch_had() -> None:
    sides = split("a\n" + conflict("b\n", "c\n", base="x\n") + "d\n")

    assert sides == ("a\nb\nd\n", "a\nc\nd\n")
