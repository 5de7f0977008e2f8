"""Trust holds for snapshots: what nobody asked for is reported, not exported and not installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from engine import content, engine

from poetry_lockguard.snapshots.format import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]
    Change = Callable[[dict[str, Any]], None]

__all__ = ["engine"]

NAME = "linux-x86_64-py311"
EVIL = "https://evil.example/tomlike-0.9-py3-none-any.whl"
DIGEST = f"sha256:{'1' * 64}"
COMMANDS = {
    "lockguard snapshot verify": "",
    f"lockguard snapshot export --config {NAME} --format constraints": "nothing was written",
    f"lockguard install --snapshot --config {NAME} --dry-run": "nothing was installed",
}


@pytest.fixture
def sealed(engine: Path, run: Run) -> Path:
    assert run("lockguard fix", engine).code == 0
    made = run(f"lockguard snapshot create --config {NAME}", engine)
    assert made.code == 0, made
    return engine


def change(folder: Path, how: Change) -> None:
    """Change the snapshot, and seal it as if nothing were wrong."""
    document = content(folder)
    how(document)
    del document["sha256"]
    sealed = canonical.written({**document, "sha256": canonical.seal(document)})
    (folder / "lockguard.lock").write_bytes(sealed)


def sourced(**source: str) -> Change:
    def how(document: dict[str, Any]) -> None:
        document["packages"]["tomlike"][0]["source"] = source
        for name in ("reproducible", "reason"):
            document["packages"]["tomlike"][0].pop(name, None)
        document["packages"]["tomlike"][0]["reproducible"] = True

    return how


def rehashed(document: dict[str, Any]) -> None:
    files = document["packages"]["matrix"][0]["files"]
    files[min(files)] = DIGEST


def extended(document: dict[str, Any]) -> None:
    evil = {**document["packages"]["tomlike"][0], "files": {"evil-1.0-py3-none-any.whl": DIGEST}}
    document["packages"]["evil"] = [{**evil, "version": "1.0"}]
    packages = document["configurations"][NAME]["packages"]
    packages["evil"] = {**packages["tomlike"], "version": "1.0"}


POISONED: dict[str, tuple[Change, str]] = {
    "a url": (sourced(type="url", url=EVIL), "source-undeclared"),
    "a repository": (
        sourced(type="git", url="https://evil.example/tomlike.git", commit="a" * 40),
        "source-undeclared",
    ),
    "an index": (
        sourced(type="index", name="evil", url="https://evil.example/simple"),
        "source-undeclared",
    ),
    "another hash": (rehashed, "content-replaced"),
    "a pin that nothing needs": (extended, "unneeded-pin"),
}


@pytest.mark.parametrize(("how", "code"), POISONED.values(), ids=POISONED)
def test_what_nobody_asked_for_is_stopped(how: Change, code: str, sealed: Path, run: Run) -> None:
    change(sealed, how)

    verified = json.loads(run("lockguard snapshot verify --format json", sealed).out)
    assert code in {problem["code"] for problem in verified["problems"]}
    for command, end in COMMANDS.items():
        result = run(command, sealed)
        assert result.code == 1, command
        assert end in result.out + result.err
        assert "Installing" not in result.out + result.err


def test_what_was_asked_for_passes(sealed: Path, run: Run) -> None:
    for command in COMMANDS:
        assert run(command, sealed).code == 0, command


def test_the_policy_holds_for_a_snapshot(sealed: Path, run: Run) -> None:
    manifest = sealed / "pyproject.toml"
    manifest.write_text(manifest.read_text() + '\n[tool.lockguard.policy]\ndeny = ["tomlike"]\n')

    for command in COMMANDS:
        result = run(command, sealed)
        assert result.code == 1, command
        assert "which the policy denies (tomlike)" in result.out + result.err


def test_a_snapshot_is_made_without_what_is_denied(engine: Path, run: Run) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(manifest.read_text() + '\n[tool.lockguard.policy]\ndeny = ["tomlike"]\n')

    assert run(f"lockguard snapshot create --config {NAME}", engine).code == 1


def poison(lock: Path) -> None:
    """Give a pin of a lock a direct origin that nobody asks for."""
    head, found, rest = lock.read_text().partition('name = "tomlike"\n')
    own, sign, rest = rest.partition("\n[metadata]")
    source = f'\n[package.source]\ntype = "url"\nurl = "{EVIL}"\n'
    lock.write_text(f"{head}{found}{own}{source}{sign}{rest}")


def test_an_origin_of_the_lock_that_nobody_asks_for_is_not_preferred(
    sealed: Path, run: Run
) -> None:
    poison(sealed / "poetry.lock")
    (sealed / "lockguard.lock").unlink()

    result = run("lockguard snapshot create", sealed)

    assert result.code == 0, result.err
    assert EVIL not in (sealed / "lockguard.lock").read_text()


def test_an_untrusted_lock_is_not_sealed(sealed: Path, run: Run) -> None:
    poison(sealed / "poetry.lock")
    before = (sealed / "lockguard.lock").read_bytes()

    result = run("lockguard snapshot sync", sealed)

    assert result.code == 1
    assert "poetry.lock: tomlike: locked at 0.9 from the url" in result.err
    assert (sealed / "lockguard.lock").read_bytes() == before
