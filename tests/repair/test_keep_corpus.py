"""Real stale locks: nine in ten of those whose pins suffice are kept, with few lines changed."""

from __future__ import annotations

import csv
import difflib
import statistics
from collections import Counter
from pathlib import Path

import pytest

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.content_hash import accepting
from poetry_lockguard.manifest.document import Manifest, read
from poetry_lockguard.relock.soundness import flaws
from poetry_lockguard.repair.keep.engine import keep
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Kept
from poetry_lockguard.running import running_poetry
from poetry_lockguard.settings import Settings

ROOT = next((each for each in Path(__file__).parents if (each / "pyproject.toml").exists()), Path())
SHARED = ROOT.parent / "shared"
EPISODES = SHARED / "episodes"

pytestmark = pytest.mark.skipif(
    not EPISODES.is_dir(), reason="the real locks are not beside the project"
)


def outcome(folder: Path) -> tuple[Manifest, str, Kept | Doubt]:
    manifest = read(folder / "pyproject.toml")
    content = (folder / "poetry.lock").read_bytes()
    text = content.decode()
    return manifest, text, keep(manifest, parse(content), text, running_poetry())


def lines_changed(old: str, new: str) -> int:
    rows = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return sum(row[0] in "+-" and not row.startswith(("+++", "---")) for row in rows)


def test_nine_in_ten_of_the_episodes_whose_pins_suffice_are_kept() -> None:
    with (EPISODES / "INDEX.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["needs-network"] == "no"]
    counts: list[int] = []
    declined: Counter[str] = Counter()
    for row in rows:
        (folder,) = EPISODES.glob(f"{row['id']}-*")
        try:
            manifest, text, found = outcome(folder)
        except LockDamage as damage:
            declined["damaged"] += 1
            print(f"{row['id']} declined: {damage}")
            continue
        if isinstance(found, Doubt):
            declined[found.reason.value] += 1
            print(f"{row['id']} declined: {found}")
            continue
        assert flaws(found.text, manifest, Settings()) is None
        changed = lines_changed(text, found.text)
        counts.append(changed)
        print(f"{row['id']} {changed:>4} lines, smallest {row['lines-smallest'] or '?'}")
        if row["lines-smallest"]:
            assert changed <= 2 * int(row["lines-smallest"]) + 10, folder.name
    print(f"{len(counts)} of {len(rows)} kept, declined: {dict(declined)}")

    assert len(counts) >= 0.9 * len(rows)
    assert statistics.median(counts) < 10


def test_no_stale_lock_that_is_kept_has_a_flaw() -> None:
    declined: Counter[str] = Counter()
    for folder in sorted((SHARED / "corpus").iterdir()):
        try:
            if not folder.is_dir() or is_fresh(folder):
                continue
            manifest, _, found = outcome(folder)
        except (LockDamage, ManifestError):
            continue
        if isinstance(found, Doubt):
            declined[found.reason.value] += 1
            print(f"{folder.name} declined: {found}")
        else:
            assert flaws(found.text, manifest, Settings()) is None, folder.name
    print(dict(declined))


def is_fresh(folder: Path) -> bool:
    manifest = read(folder / "pyproject.toml")
    lock = parse((folder / "poetry.lock").read_bytes())
    return bool(accepting(manifest.data, lock.content_hash, lock.generator))
