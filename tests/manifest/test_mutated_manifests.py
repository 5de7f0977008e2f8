"""Whatever a manifest contains, it is judged in time, and as Poetry reads it."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from conftest import CORPUS
from locks import lock_for
from mutations import encoded, in_time, is_foreseen, mutated
from poetry.config.config import Config
from poetry.factory import Factory

from poetry_lockguard.errors import LockguardError, ManifestError
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest import certain
from poetry_lockguard.manifest.content_hash import content_hash, rule_for
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.ordinary import is_ordinary
from poetry_lockguard.outcomes import Status
from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    from poetry_lockguard.freshness.judge import Verdict

    Run = Callable[[str, Path], Result]

POETRY = "2.1.3"
PLAIN = """\
[project]
name = "engine"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["matrix (>=1.0,<2.0)"]

[project.optional-dependencies]
fast = ["vector>=1"]

[dependency-groups]
dev = ["vector>=1", {include-group = "test"}]
test = ["matrix ; python_version < '3.13'"]

[tool.poetry]
package-mode = false
"""
OLD = """\
[tool.poetry]
name = "engine"
version = "1.0"
description = "x"
authors = ["A <a@mirror.example>"]
packages = [{include = "x", from = "src"}]
[tool.poetry.dependencies]
python = "^3.10"
matrix = "^1.0"
vector = {version = ">=1", optional = true, markers = "python_version < '3.13'"}
[tool.poetry.dev-dependencies]
vector = "*"
[tool.poetry.extras]
fast = ["vector"]
[tool.poetry.scripts]
x = {reference = "a", type = "file"}
"""
RICH = (
    PLAIN
    + """\
requires-poetry = ">=2.0"

[tool.poetry.dependencies]
matrix = {source = "private", allow-prereleases = true}
vector = {version = "^1.0", optional = true, extras = ["a"], python = ">=3.11"}

[tool.poetry.group.docs.dependencies]
gitty = {git = "https://forge.example/x.git", rev = "main", subdirectory = "a"}
urly = {url = "https://mirror.example/urly-1.0-py3-none-any.whl"}
pathy = {path = "../pathy", develop = true}
multi = [{version = "<2", python = "<3.11"}, {version = ">=2", python = ">=3.11"}]

[[tool.poetry.source]]
name = "private"
url = "https://mirror.example/simple/"
priority = "supplemental"

[tool.lockguard]
guard = "check"
mirrors = ["https://mirror.example/simple/"]
strategies = ["offline"]
timeout = 60
min-poetry = "2.0"
snapshot = "lockguard.lock"
lock-format = "keep"

[tool.lockguard.policy]
hosts = ["forge.example"]
min-age = "7 days"
deny = ["urllib3<2.2"]
ignore = [{ id = "PYSEC-2026-1", until = 2027-01-31, reason = "not reachable" }]

[tool.lockguard.exports]
"requirements.txt" = { format = "requirements", groups = ["main"] }

[tool.lockguard.matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64", "macos-arm64"]
extras = [[], ["fast"]]
exclude = [{ platform = "macos-arm64", extras = ["fast"] }]

[tool.lockguard.configurations.gpu]
python = "3.12"
platform = "linux-x86_64"
extras = ["fast"]
sources = { matrix = "private" }
constraints = ["matrix==1.*", "vector<4"]
"""
)
#: entries that serve the first manifest
PINS = "".join(
    f"""
[[package]]
name = "{name}"
version = "1.1"
description = ""
optional = false
python-versions = "*"
groups = {groups}
files = [
    {{file = "{name}-1.1-py3-none-any.whl", hash = "sha256:{"0" * 64}"}},
]
"""
    for name, groups in (("matrix", '["main", "dev", "test"]'), ("vector", '["main", "dev"]'))
)
COMMANDS = (
    *("lockguard check --deep", "lockguard check --format json", "lockguard check --format github"),
    *("lockguard fix --offline --dry-run", "lockguard matrix", "lockguard digest"),
    *("lockguard snapshot create --offline --dry-run", "lockguard export"),
)
_EACH = 12  # every so many of the manifests is given to a command as well


def seeds(*, real: bool) -> Iterator[str]:
    yield from (PLAIN, OLD, RICH)
    if real:
        for path in sorted(CORPUS.glob("*/pyproject.toml"))[::5]:
            yield path.read_text(encoding="utf-8")


def lock_beside(text: str) -> str:
    """Return a lock that says that it is for a manifest, if that can be hashed."""
    first, _, rest = lock_for(PLAIN).partition("[[package]]")
    lock = (
        f'{first}{PINS}\n[extras]\nfast = ["vector"]\n\n[metadata]{rest.partition("[metadata]")[2]}'
    )
    try:
        data: dict[str, Any] = loads(text)
        digest = content_hash(data, rule_for(POETRY))
    except (ValueError, RecursionError, TypeError, AttributeError):
        return lock
    python = data.get("project", {}).get("requires-python", ">=3.10")
    lock = re.sub(r'content-hash = "\w+"', f'content-hash = "{digest}"', lock)
    head, metadata, tail = lock.rpartition("[metadata]")
    return head + metadata + tail.replace('">=3.10"', json.dumps(python))


def is_loaded_by_poetry(folder: Path, verdict: Verdict | None = None) -> bool:
    Config.create(reload=True)  # or else it keeps the sources of the manifest before
    try:
        locker = Factory().create_poetry(folder, disable_plugins=True).locker
        locker.locked_repository()
    except Exception as error:  # noqa: BLE001 - whatever it raises, an install ends with it
        codes = {problem.code for problem in verdict.problems} if verdict else set()
        return "requires-poetry" in codes and str(error).startswith("This project requires Poetry")
    return True


def is_quite_fresh(folder: Path) -> bool:
    """Whether a deep check finds nothing wrong: the lock is not this manifest's own."""
    verdict = judge(read(folder / "pyproject.toml"), deep=True)
    return verdict.status is Status.FRESH and not verdict.problems


def is_accepted(result: Result) -> bool:
    """Whether Poetry would install, or only this machine's Python is the wrong one."""
    wrong_python = ("is not supported by the project", "is not allowed by the project")
    return result.code == 0 or any(words in result.err for words in wrong_python)


@pytest.mark.parametrize(
    "count", [60, pytest.param(8_000, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_no_mutated_manifest_hangs_crashes_or_is_fresh_though_poetry_refuses_it(
    count: int, run: Run, tmp_path: Path
) -> None:
    rng = random.Random(count)
    known = [*seeds(real=count > 1000)]
    fresh = dry_runs = 0
    for number in range(count):
        seed = rng.choice(known)
        text = mutated(rng, seed)
        (tmp_path / "pyproject.toml").write_bytes(encoded(text))
        (tmp_path / "poetry.lock").write_bytes(encoded(lock_beside(text)))
        try:
            with in_time():
                verdict = judge(read(tmp_path / "pyproject.toml"), poetry_version=POETRY)
        except LockguardError:
            continue
        if verdict.status is Status.FRESH:
            fresh += 1
            running = judge(read(tmp_path / "pyproject.toml"))
            assert is_loaded_by_poetry(tmp_path, running), text
            if seed is PLAIN and is_quite_fresh(tmp_path):
                dry_runs += 1
                assert is_accepted(run("install --dry-run", tmp_path)), text
        if not number % _EACH:
            with in_time():
                result = run(rng.choice(COMMANDS), tmp_path)
            assert is_foreseen(result), (result, text)

    assert 0 < fresh < count
    assert dry_runs


REFUSED = {
    "a version of Python": ('">=3.10"', '"three"'),
    "a requirement": ('"matrix (>=1.0,<2.0)"', '"matrix >= x"'),
    "a requirement of a name like a file's": ('"matrix (>=1.0,<2.0)"', '"matrix.tgz>=1"'),
    "a requirement that nothing fulfills": ('"matrix (>=1.0,<2.0)"', '"matrix >=2,<1"'),
    "an extra's requirement": ('"vector>=1"]', '"sha256:"]'),
    "a group's requirement": ('["vector>=1", {', '["vector (^1)", {'),
    "a marker": ("python_version < '3.13'", "python_version < 3.13"),
    "a constraint": ('"^1.0"', '"latest"'),
    "an address of a file": ("https://mirror.example/urly", "https!urly"),
    "an address of a repository": ("https://forge.example/x.git", "http://[::1/x"),
    "a repository of one word": ("https://forge.example/x.git", "root"),
    "a source's address without a scheme": (
        'url = "https://mirror.example/simple/"\npriority',
        'url = "://mirror.example/simple/"\npriority',
    ),
    "a source's address with half of another": (
        'url = "https://mirror.example/simple/"\npriority',
        'url = "http://[::1/simple/"\npriority',
    ),
    "the Poetry that it needs": ('">=2.0"', '"two"'),
    "a name that no file system knows": ("../pathy", "a" * 5000),
    "a path with a null byte": ("../pathy", "\\u0000"),
    "a version of thousands of digits": ('"1.0"', f'"{"1" * 5001}"'),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_lock_with_the_right_hash_is_no_use_if_poetry_cannot_read_its_manifest(
    change: tuple[str, str], tmp_path: Path
) -> None:
    assert change[0] in RICH
    text = RICH.replace(*change, 1)
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "poetry.lock").write_text(lock_beside(text))

    assert not is_loaded_by_poetry(tmp_path)
    with pytest.raises(ManifestError):
        judge(read(tmp_path / "pyproject.toml"), poetry_version=POETRY)


def test_a_date_among_the_requirements_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(OLD.replace('"^1.0"', "1979-05-27"))
    (tmp_path / "poetry.lock").write_text(lock_for(PLAIN))

    with pytest.raises(ManifestError, match="cannot read"):
        judge(read(tmp_path / "pyproject.toml"))


def test_nearly_all_real_manifests_are_certain() -> None:
    found = [read(path) for path in CORPUS.glob("*/pyproject.toml")]
    if not found:
        pytest.skip("the corpus of real locks is not here")

    assert sum(map(is_ordinary, found)) > 0.85 * len(found)


CERTAIN = (
    *("a", "a>=1", "a >= 1.0", "a (>=1.0,<2.0)", "a[b] (>=1)", "a[b, c]~=1.4", "a==1.*"),
    *("a>=1,<2,!=1.5", "a ; os_name == 'nt'", 'a>=1 ; python_version<"3.13"', "a.b-c_d!=2"),
)
UNCERTAIN = (
    *("a.zip>=1", "a.tar.gz"),
    *("", "a >=2,<1", "a >=1,<1.0", "a ^1", "a 1", "a >=1 || <3", "a >1,>2", "a;", "a ()", "a)("),
    *("a @ https://x/y.whl", "a ; b", "a >=1,!=1.*,<2", "[b]", "a[]", "a ==1,==2", "é", "a (>=1"),
)


@pytest.mark.parametrize("text", CERTAIN)
def test_ordinary_requirements_are_certain(text: str) -> None:
    assert certain.is_requirement(text)


@pytest.mark.parametrize("text", UNCERTAIN)
def test_unusual_requirements_are_left_to_poetry(text: str) -> None:
    assert not certain.is_requirement(text)
