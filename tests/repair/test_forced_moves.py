"""Which pins moved although nobody named them, and what each is said to be forced by."""

from __future__ import annotations

from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.repair.forced_moves import ForcedMove, forced_moves

HEAD = '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\ncontent-hash = "0"\n'


def entry(name: str, version: str, python: str = ">=3.9", **needs: str) -> str:
    lines = "".join(f'{key} = "{value}"\n' for key, value in needs.items())
    table = f"[package.dependencies]\n{lines}" if lines else ""
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = ""\noptional = false\n'
        f'python-versions = "{python}"\ngroups = ["main"]\nfiles = []\n{table}\n'
    )


def forced(old: str, new: str, named: str) -> tuple[ForcedMove, ...]:
    return forced_moves(parse((old + HEAD).encode()), parse((new + HEAD).encode()), {named})


def test_the_requirement_that_excludes_the_old_version_is_told() -> None:
    old = entry("engine", "1") + entry("gear", "1")
    new = entry("engine", "2", gear=">=2") + entry("gear", "2")

    assert forced(old, new, "engine") == (
        ForcedMove(package="gear", requirement="engine 2 needs gear (>=2)"),
    )


def test_a_python_that_the_new_version_does_not_support_is_told() -> None:
    old = entry("engine", "1", gear="*") + entry("gear", "1")
    new = (
        entry("engine", "0.9")
        + entry("engine", "1", gear="*")
        + entry("gear", "2", python=">=3.10")
    )

    assert forced(old, new, "gear") == (
        ForcedMove(package="engine", requirement="gear 2 needs Python (>=3.10)"),
    )


def test_one_of_several_versions_that_is_no_longer_needed_is_no_move() -> None:
    old = entry("engine", "1") + entry("gear", "1") + entry("gear", "2")
    new = entry("engine", "2") + entry("gear", "2")

    assert forced(old, new, "engine") == ()
