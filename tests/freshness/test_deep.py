"""``--deep`` finds what Poetry's own check is blind to, and cries wolf over no real lock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from conftest import CORPUS

from poetry_lockguard.errors import ManifestError
from poetry_lockguard.freshness.deep.inspection import deepen
from poetry_lockguard.lockfile.damage import LockDamage
from poetry_lockguard.lockfile.parse import parse as parse_lock
from poetry_lockguard.manifest.content_hash import RULES, content_hash
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from poetry_lockguard.outcomes import Problem

A, B = "a" * 64, "b" * 64
WHEEL = b"the bytes of a wheel"
MANIFEST = """
[project]
name = "engine"
version = "1.0"
requires-python = ">=3.9,<3.13"
dependencies = ["matrix[fast] (>=1.0,<2.0)", "lib", "local", "pool"]

[tool.poetry.dependencies]
lib = { path = "lib", develop = true }
local = { path = "local-1.0-py3-none-any.whl" }
pool = { git = "https://host.example/pool.git" }

[tool.poetry.group.dev.dependencies]
checker = { version = ">=3", source = "corp" }

[[tool.poetry.source]]
name = "corp"
url = "https://corp.example/simple"
priority = "explicit"
"""
LIB = """
[project]
name = "lib"
version = "1.0"
requires-python = ">=3.8"
dependencies = ["vector>=2"]
[project.optional-dependencies]
more = ["nowhere"]
"""
LOCK = f"""
[[package]]
name = "checker"
version = "3.1"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["dev"]
files = [{{ file = "checker-3.1.tar.gz", hash = "sha256:{A}" }}]
[package.source]
type = "legacy"
url = "https://corp.example/simple"
reference = "corp"

[[package]]
name = "lib"
version = "1.0"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = []
develop = true
[package.dependencies]
vector = ">=2"
[package.extras]
more = ["nowhere"]
[package.source]
type = "directory"
url = "lib"

[[package]]
name = "local"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [
    {{ file = "local-1.0-py3-none-any.whl", hash = "sha256:{hashlib.sha256(WHEEL).hexdigest()}" }},
]
[package.source]
type = "file"
url = "local-1.0-py3-none-any.whl"

[[package]]
name = "matrix"
version = "1.1"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [
    {{ file = "matrix-1.1-py3-none-any.whl", hash = "sha256:{A}" }},
    {{ file = "matrix-1.1.tar.gz", hash = "sha256:{B}" }},
]
[package.dependencies]
backport = {{ version = "*", markers = "python_version < '3.11'" }}
sound = {{ version = ">=1", optional = true, markers = "extra == 'fast'" }}
vector = ">=2"
unused = {{ version = "*", optional = true }}
[package.extras]
fast = ["sound (>=1)"]
rest = ["unused"]

[[package]]
name = "backport"
version = "0.5"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
markers = "python_version < '3.11'"
files = [{{ file = "backport-0.5.tar.gz", hash = "sha256:{A}" }}]

[[package]]
name = "pool"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = []
develop = false
[package.source]
type = "git"
url = "https://host.example/pool.git"
reference = "HEAD"
resolved_reference = "0123456789abcdef0123456789abcdef01234567"

[[package]]
name = "sound"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [{{ file = "sound-1.0-1-py3-none-any.whl", hash = "md5:{"c" * 32}" }}]

[[package]]
name = "vector"
version = "2.0"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [{{ file = "vector-2.0.tar.gz", hash = "sha256:{A}" }}]

[metadata]
lock-version = "2.1"
python-versions = ">=3.9,<3.13"
content-hash = "{"1" * 64}"
"""


def found_in(folder: Path, settings: Settings | None = None) -> list[tuple[str, str, str]]:
    lock = parse_lock((folder / "poetry.lock").read_bytes())
    problems = deepen(read(folder / "pyproject.toml"), lock, settings or Settings())
    return [(problem.severity.value, problem.code, problem.message) for problem in problems]


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """A sound project with every kind of pin."""
    folder = tmp_path / "engine"
    (folder / "lib").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(MANIFEST)
    hashed = content_hash(read(folder / "pyproject.toml").data, RULES[-1])
    (folder / "poetry.lock").write_text(LOCK.replace("1" * 64, hashed))
    (folder / "lib" / "pyproject.toml").write_text(LIB)
    (folder / "local-1.0-py3-none-any.whl").write_bytes(WHEEL)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One text replaced in one file, and exactly what is to be said then."""

    file: str = "poetry.lock"
    old: str
    new: str
    said: tuple[tuple[str, str, str], ...]


def package(name: str) -> str:
    """Return the text of one package in the lock."""
    start = LOCK.index(f'[[package]]\nname = "{name}"')
    following = LOCK.find("[[package]]", start + 1)
    return LOCK[start : LOCK.index("[metadata]") if following == -1 else following]


STORIES = {
    "a version edited": Edit(
        old='name = "vector"\nversion = "2.0"',
        new='name = "vector"\nversion = "1.9"',
        said=(
            (
                "error",
                "closure",
                (
                    "vector: needed by lib 1.0 (>=2), matrix 1.1 (>=2) (Python 3.9 on Linux),"
                    " but locked there at 1.9, which does not fit"
                ),
            ),
            (
                "error",
                "version-files",
                (
                    "vector: locked at 1.9, but its file vector-2.0.tar.gz belongs to another"
                    " package or version; the lock was edited; run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a version edited within its range": Edit(
        old='name = "sound"\nversion = "1.0"',
        new='name = "sound"\nversion = "1.5"',
        said=(
            (
                "error",
                "version-files",
                (
                    "sound: locked at 1.5, but its file sound-1.0-1-py3-none-any.whl belongs to"
                    " another package or version; the lock was edited; run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "files of another name": Edit(
        old="matrix-1.1-py3-none-any.whl",
        new="matrices-1.1-py3-none-any.whl",
        said=(
            (
                "error",
                "version-files",
                (
                    "matrix: locked at 1.1, but its file matrices-1.1-py3-none-any.whl belongs to"
                    " another package or version; the lock was edited; run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a needed package removed": Edit(
        old=package("vector"),
        new="",
        said=(
            (
                "error",
                "closure",
                (
                    "vector: needed by lib 1.0 (>=2), matrix 1.1 (>=2) (Python 3.9 on Linux),"
                    " but not in the lock"
                ),
            ),
        ),
    ),
    "a declared package removed": Edit(
        old=package("checker"),
        new="",
        said=(
            (
                "error",
                "closure",
                (
                    "checker: needed by pyproject.toml (>=3) (Python 3.9 on Linux, group dev),"
                    " but not in the lock"
                ),
            ),
        ),
    ),
    "what an extra needs removed": Edit(
        old=package("sound"),
        new="",
        said=(
            (
                "error",
                "closure",
                "sound: needed by matrix 1.1 (>=1) (Python 3.9 on Linux), but not in the lock",
            ),
        ),
    ),
    "a marker narrowed": Edit(
        old='groups = ["main"]\nmarkers = "python_version < \'3.11\'"',
        new='groups = ["main"]\nmarkers = "python_version < \'3.10\'"',
        said=(
            (
                "error",
                "closure",
                (
                    "backport: needed by matrix 1.1 (*) (Python 3.10 on Linux),"
                    " but locked for other environments only, at 0.5"
                ),
            ),
        ),
    ),
    "a group taken away": Edit(
        old='name = "vector"\nversion = "2.0"\ndescription = ""\noptional = false\n'
        'python-versions = ">=3.8"\ngroups = ["main"]',
        new='name = "vector"\nversion = "2.0"\ndescription = ""\noptional = false\n'
        'python-versions = ">=3.8"\ngroups = ["dev"]',
        said=(
            (
                "error",
                "closure",
                (
                    "vector: needed by lib 1.0 (>=2), matrix 1.1 (>=2) (Python 3.9 on Linux),"
                    " but locked for other environments only, at 2.0"
                ),
            ),
        ),
    ),
    "a Python taken away": Edit(
        old='version = "2.0"\ndescription = ""\noptional = false\npython-versions = ">=3.8"',
        new='version = "2.0"\ndescription = ""\noptional = false\npython-versions = "<3.12"',
        said=(
            (
                "error",
                "closure",
                (
                    "vector: needed by lib 1.0 (>=2), matrix 1.1 (>=2) (Python 3.12 on Linux),"
                    " but locked for other environments only, at 2.0"
                ),
            ),
        ),
    ),
    "a hash cut short": Edit(
        old=f'"sha256:{B}"',
        new='"sha256:bbbb"',
        said=(
            (
                "error",
                "file-hash",
                (
                    "matrix: locked at 1.1, matrix-1.1.tar.gz: sha256 hash has 4 digits"
                    " instead of 64; run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a hash that is none": Edit(
        old=f'"sha256:{B}"',
        new='"sha256"',
        said=(
            (
                "error",
                "file-hash",
                (
                    "matrix: locked at 1.1, matrix-1.1.tar.gz: hash 'sha256' is not"
                    " algorithm:digest; run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "no files": Edit(
        old=f'files = [{{ file = "vector-2.0.tar.gz", hash = "sha256:{A}" }}]',
        new="files = []",
        said=(
            (
                "error",
                "file-hash",
                (
                    "vector: locked at 2.0, has no files, so its installation is not"
                    " verified; run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a path in place of a file's name": Edit(
        old='file = "matrix-1.1.tar.gz"',
        new='file = "../../matrix-1.1.tar.gz"',
        said=(
            (
                "error",
                "version-files",
                "matrix: locked at 1.1, but '../../matrix-1.1.tar.gz' is not the name of a file;",
            ),
        ),
    ),
    "an absolute path in place of a file's name": Edit(
        old='file = "matrix-1.1.tar.gz"',
        new='file = "/etc/matrix-1.1.tar.gz"',
        said=(
            (
                "error",
                "version-files",
                "matrix: locked at 1.1, but '/etc/matrix-1.1.tar.gz' is not the name of a file;",
            ),
        ),
    ),
    "no files from an index of one's own": Edit(
        old=f'files = [{{ file = "checker-3.1.tar.gz", hash = "sha256:{A}" }}]',
        new="files = []",
        said=(
            (
                "warning",
                "file-hash",
                "checker: locked at 3.1, has no files, so its installation is not verified;",
            ),
        ),
    ),
    "an extra that the manifest does not have": Edit(
        old="[metadata]",
        new='[extras]\nfast = ["vector"]\n\n[metadata]',
        said=(
            (
                "error",
                "extras-changed",
                ("extra fast: not declared, locked with vector; run `poetry lockguard fix`"),
            ),
        ),
    ),
    "other Pythons than the manifest has": Edit(
        old='python-versions = ">=3.9,<3.13"',
        new='python-versions = ">=3.10,<3.13"',
        said=(
            (
                "error",
                "python-changed",
                (
                    "Python: declared >=3.9,<3.13, locked for >=3.10,<3.13;"
                    " run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "more Pythons than the manifest has": Edit(
        old='python-versions = ">=3.9,<3.13"',
        new='python-versions = ">=3.8,<4.0"',
        said=(
            (
                "warning",
                "python-changed",
                "Python: declared >=3.9,<3.13, locked for >=3.8,<4.0; run `poetry lockguard fix`",
            ),
        ),
    ),
    "the same Pythons in another order": Edit(
        old='python-versions = ">=3.9,<3.13"', new='python-versions = "<3.13,>=3.9"', said=()
    ),
    "an orphan": Edit(
        old=package("vector"),
        new=package("vector") + package("vector").replace("vector", "lonely"),
        said=(("warning", "orphan-pin", "lonely: locked at 2.0, but nothing needs it"),),
    ),
    "a path dependency needs more": Edit(
        file="lib/pyproject.toml",
        old='"vector>=2"',
        new='"vector>=2", "requests>=2"',
        said=(
            (
                "error",
                "path-dependency",
                (
                    "lib: lib needs requests (>=2) now, which its lock entry lacks;"
                    " run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a path dependency needs something newer": Edit(
        file="lib/pyproject.toml",
        old='"vector>=2"',
        new='"vector>=3"',
        said=(
            (
                "error",
                "path-dependency",
                ("lib: lib needs vector (>=3) now, locked with (>=2); run `poetry lockguard fix`"),
            ),
        ),
    ),
    "a path dependency is content with less": Edit(
        file="lib/pyproject.toml",
        old='"vector>=2"',
        new='"vector>=1"',
        said=(
            (
                "warning",
                "path-dependency",
                (
                    "lib: lib needs vector (>=1) now, locked with (>=2);"
                    " run `poetry lock` to update its entry"
                ),
            ),
        ),
    ),
    "a path dependency respelled": Edit(
        file="lib/pyproject.toml", old='"vector>=2"', new='"Vector >= 2.0"', said=()
    ),
    "a path dependency needs nothing": Edit(
        file="lib/pyproject.toml",
        old='"vector>=2"',
        new="",
        said=(
            (
                "warning",
                "path-dependency",
                "lib: lib no longer needs vector; run `poetry lock` to update its entry",
            ),
        ),
    ),
    "a path dependency of a new version": Edit(
        file="lib/pyproject.toml",
        old='version = "1.0"',
        new='version = "1.1"',
        said=(
            (
                "warning",
                "path-dependency",
                (
                    "lib: lib is version 1.1 now, locked at 1.0;"
                    " run `poetry lock` to update its entry"
                ),
            ),
        ),
    ),
    "a path dependency of a new name": Edit(
        file="lib/pyproject.toml",
        old='name = "lib"',
        new='name = "library"',
        said=(
            (
                "error",
                "path-dependency",
                "lib: lib is called library now; run `poetry lockguard fix`",
            ),
        ),
    ),
    "a wheel rebuilt": Edit(
        file="local-1.0-py3-none-any.whl",
        old="bytes",
        new="BYTES",
        said=(
            (
                "error",
                "local-file",
                (
                    "local: local-1.0-py3-none-any.whl has changed since it was locked;"
                    " restore it, or run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a source nobody declares": Edit(
        old='reference = "corp"',
        new='reference = "mirror"',
        said=(
            (
                "error",
                "closure",
                (
                    "checker: needed by pyproject.toml (>=3) (Python 3.9 on Linux, group dev),"
                    " but locked there at 3.1 from mirror, which does not fit"
                ),
            ),
            (
                "error",
                "source-unknown",
                (
                    "checker: locked at 3.1 from source mirror (https://corp.example/simple), which"
                    " pyproject.toml does not declare; declare it, or run `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a source at another address": Edit(
        old="https://corp.example/simple",
        new="https://mirror.example/simple",
        said=(
            (
                "warning",
                "source-unknown",
                (
                    "checker: locked at 3.1 from source corp (https://mirror.example/simple), which"
                    " pyproject.toml declares with another URL; declare it, or run"
                    " `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a source with a slash more": Edit(
        old="https://corp.example/simple", new="https://corp.example/simple/", said=()
    ),
    "a loose commit": Edit(
        old="0123456789abcdef0123456789abcdef01234567",
        new="main",
        said=(
            (
                "warning",
                "vcs-reference",
                (
                    "pool: locked at git reference 'main', which is not a full commit and may move;"
                    " `poetry lockguard fix`"
                ),
            ),
        ),
    ),
    "a password in the lock": Edit(
        old="https://corp.example",
        new="https://me:hunter2@corp.example",
        said=(
            (
                "error",
                "credential",
                (
                    "checker: the lock contains a credential in"
                    " https://***@corp.example/simple; remove it, revoke it, and use"
                    " `poetry config http-basic.…`"
                ),
            ),
        ),
    ),
    "a password in the manifest": Edit(
        file="pyproject.toml",
        old="https://corp.example",
        new="https://me:hunter2@corp.example",
        said=(
            (
                "error",
                "credential",
                (
                    "pyproject.toml: [tool.poetry] contains a credential in"
                    " https://***@corp.example/simple; remove it, revoke it, and use"
                    " `poetry config http-basic.…`"
                ),
            ),
        ),
    ),
    "a hash edited to another one, which cannot be told offline": Edit(
        old=f'"sha256:{B}"', new=f'"sha256:{A}"', said=()
    ),
}


def test_a_sound_project_is_let_be(engine: Path) -> None:
    assert found_in(engine) == []


@pytest.mark.parametrize("edit", STORIES.values(), ids=STORIES.keys())
def test_an_edit_is_found(engine: Path, edit: Edit) -> None:
    file = engine / edit.file
    assert edit.old in file.read_text()
    file.write_text(file.read_text().replace(edit.old, edit.new))

    found = found_in(engine)

    assert [problem[:2] for problem in found] == [expected[:2] for expected in edit.said]
    for (*_, message), (*_, start) in zip(found, edit.said, strict=True):
        assert message.startswith(start)
    assert "hunter2" not in repr(found)


def test_a_missing_folder_is_a_warning_and_a_missing_archive_an_error(engine: Path) -> None:
    (engine / "lib" / "pyproject.toml").unlink()
    (engine / "lib").rmdir()
    (engine / "local-1.0-py3-none-any.whl").unlink()

    assert [problem[:2] for problem in found_in(engine)] == [
        ("error", "local-file"),
        ("warning", "path-dependency"),
    ]


OLD_FORMAT = f"""
[[package]]
name = "b"
version = "1.0"
description = ""
category = "main"
optional = false
python-versions = "*"

[[package]]
name = "b"
version = "2.0"
description = ""
category = "main"
optional = false
python-versions = "*"

[metadata]
lock-version = "1.1"
python-versions = "*"
content-hash = "-"

[metadata.files]
b = [
    {{ file = "b-1.0.tar.gz", hash = "sha256:{A}" }},
    {{ file = "b-2.0-py3-none-any.whl", hash = "sha256:{B}" }},
]
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [("", "", []), ('"2.0"', '"2.5"', ["2.5", "1.0"]), ("b-1.0.tar", "b-3.0.tar", ["1.0", "2.0"])],
    ids=["sound", "a version edited", "a file edited"],
)
def test_old_formats_list_the_files_of_all_versions_together(
    tmp_path: Path, old: str, new: str, found: list[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.poetry.dependencies]\nb = "*"\n')
    (tmp_path / "poetry.lock").write_text(OLD_FORMAT.replace(old, new) if old else OLD_FORMAT)

    lock = parse_lock((tmp_path / "poetry.lock").read_bytes())
    problems = deepen(read(tmp_path / "pyproject.toml"), lock, Settings())

    assert {problem.locked for problem in problems if problem.code == "version-files"} == {*found}


def test_a_missing_folder_is_not_left_to_a_fix(engine: Path) -> None:
    (engine / "lib" / "pyproject.toml").unlink()
    (engine / "lib").rmdir()

    assert [message for _, _, message in found_in(engine)] == [
        "lib: lib does not exist, so it cannot be compared; restore it before locking again"
    ]


def test_of_a_stale_lock_only_the_damage_is_told(engine: Path) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(MANIFEST.replace('"lib"', '"lib", "requests>=2"', 1))

    assert found_in(engine) == []


def test_a_broken_path_dependency_is_named(engine: Path) -> None:
    (engine / "lib" / "pyproject.toml").write_text("[project\n")

    [(severity, code, message)] = found_in(engine)

    assert (severity, code) == ("error", "path-dependency")
    assert message.startswith("lib: lib cannot be read (")


BACKENDS = {
    "setuptools, dynamic": '[project]\nname = "lib"\ndynamic = ["version", "dependencies"]\n',
    "no metadata at all": "[build-system]\nrequires = []\n",
}


@pytest.mark.parametrize("text", BACKENDS.values(), ids=BACKENDS.keys())
def test_what_only_a_build_could_tell_is_let_be(engine: Path, text: str) -> None:
    (engine / "lib" / "pyproject.toml").write_text(text)

    assert found_in(engine) == []


READERS = {
    "format too new": ("1.2.0", "2.1", -1, "format 2.1 is read by Poetry 1.2.2 and newer"),
    "hash too new": ("2.2", "2.1", 2, "stale for Poetry 2.2, which min-poetry promises"),
    "both fine": ("2.0", "2.1", 1, None),
    "nothing promised": (None, "2.1", 2, None),
    "stale for everybody": ("2.0", "2.1", None, None),
}


@pytest.mark.parametrize(
    ("oldest", "version", "rule", "start"), READERS.values(), ids=READERS.keys()
)
def test_the_oldest_reader_promised_is_thought_of(
    engine: Path, oldest: str | None, version: str, rule: int | None, start: str | None
) -> None:
    manifest = engine / "pyproject.toml"
    manifest.write_text(MANIFEST + "\n[dependency-groups]\ntest = []\n")
    locked = "1" * 64 if rule is None else content_hash(read(manifest).data, RULES[rule])
    text = LOCK.replace("1" * 64, locked).replace('"2.1"', f'"{version}"')
    (engine / "poetry.lock").write_text(text)

    found = [each for each in found_in(engine, Settings(min_poetry=oldest)) if each[1] == "reader"]

    assert [each[0] for each in found] == (["error"] if start else [])
    assert all(each[2].startswith(f"poetry.lock: {start}") for each in found[:1])


SECRETS = {
    "https://user:pass@host.example/x": "https://***@host.example/x",
    "https://ghp_0123456789abcdefghij0123@host.example/x": "https://***@host.example/x",
    "git+https://oauth2:abc@host.example/x.git": "git+https://***@host.example/x.git",
    "https://host.example/x?token=abc&y=1": "https://host.example/x?***",
    "b @ https://u:p@host.example/b.whl ; os_name == 'nt'": (
        "b @ https://***@host.example/b.whl ; os_name == 'nt'"
    ),
}
HARMLESS = (
    "https://host.example/simple",
    "ssh://git@host.example/x.git",
    "git@host.example:x/y.git",
    "https://user@host.example/x",
    "https://${USER}:${TOKEN}@host.example/x",
    "https://host.example/x#sha256=abc",
    "https://host.example/a:b@c",
)


@pytest.mark.parametrize(("text", "hidden"), SECRETS.items())
def test_a_secret_is_hidden(text: str, hidden: str) -> None:
    from poetry_lockguard.urls import holds_secret, redact

    assert redact(text) == hidden
    assert holds_secret(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_left_as_it_is(text: str) -> None:
    from poetry_lockguard.urls import holds_secret

    assert not holds_secret(text)


# True findings in the corpus, each looked at: these locks are stale, or made by hand.
TRUE_ERRORS = {
    ("python-poetry__poetry-plugin-bundle__tests-fixtures-simple_project", "file-hash"): 1,
    ("python-poetry__poetry__tests-fixtures-deleted_file_dependency", "local-file"): 1,
    ("vwxyzjn__cleanrl__cleanrl-ppo_continuous_action_isaacgym-isaacgym", "closure"): 2,
}


def corpus() -> list[Path]:
    return sorted(path.parent for path in CORPUS.rglob("pyproject.toml"))


def deep_errors(folder: Path) -> list[Problem]:
    try:
        lock = parse_lock((folder / "poetry.lock").read_bytes())
        problems = deepen(read(folder / "pyproject.toml"), lock, Settings())
    except (LockDamage, ManifestError):
        return []
    return [problem for problem in problems if problem.severity is Severity.ERROR]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real locks is not here")
def test_no_wolf_is_cried_over_real_locks() -> None:
    found: dict[tuple[str, str], int] = {}
    for folder in corpus():
        for problem in deep_errors(folder):
            key = (folder.name, problem.code)
            found[key] = found.get(key, 0) + 1

    assert found == TRUE_ERRORS


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real locks is not here")
@pytest.mark.parametrize(
    "name",
    ["python-poetry__cleo", "cjolowicz__retrocookie", "nonebot__nonebot2@762b2e6e"],
    ids=["format 2.1", "format 1.1", "format 2.0"],
)
def test_every_pin_taken_out_of_a_real_lock_is_missed(name: str) -> None:
    folder = CORPUS / name
    manifest = read(folder / "pyproject.toml")
    lock = parse_lock((folder / "poetry.lock").read_bytes())
    names = [pin.name for pin in lock.pins]

    for pin in lock.pins[::8]:
        if names.count(pin.name) == 1:
            less = lock._replace(pins=tuple(other for other in lock.pins if other is not pin))

            problems = deepen(manifest, less, Settings())

            missed = {problem.package for problem in problems if problem.code == "closure"}
            assert missed == {pin.name}


@pytest.mark.parametrize("address", ["file:///home/me/pool.git", "/home/me/pool", "C:/me/pool"])
def test_an_absolute_path_of_one_machine_is_a_warning(engine: Path, address: str) -> None:
    lock = engine / "poetry.lock"
    lock.write_text(lock.read_text().replace("https://host.example/pool.git", address))

    assert [found for found in found_in(engine) if found[1] == "absolute-path"] == [
        (
            "warning",
            "absolute-path",
            (
                f"pool: locked from {address}, an absolute path of one machine;"
                " declare it relative to the project"
            ),
        )
    ]
