"""What is exported installs: with the newest pip that is at hand, and with uv."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from exporting import held, places, snapshot
from trees import commit, tree

from poetry_lockguard.exports.constraints_txt import constraints
from poetry_lockguard.exports.outcome import Exported
from poetry_lockguard.exports.pylock import pylock
from poetry_lockguard.exports.requirements_txt import requirements
from poetry_lockguard.snapshots.document import PackageEntry
from poetry_lockguard.snapshots.origins import Directory, Git, LocalFile, SnapshotSource, Url
from poetry_lockguard.targets.configuration import Wish, configuration, configuration_of
from poetry_lockguard.targets.target import current

if TYPE_CHECKING:
    from pathlib import Path

    from exporting import Pins
    from index import Index as Releases
    from index import Serve, Server
    from index.releases import Artifact

    from poetry_lockguard.exports.outcome import Places
    from poetry_lockguard.snapshots.document import Snapshot

HERE = configuration_of(current())
BIN = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """Make an environment with the newest pip that comes with virtualenv."""
    folder = tmp_path / "venv"
    bare = ["--no-periodic-update", "--no-download", "--no-setuptools"]
    arguments = ["-q", *bare, str(folder)]
    subprocess.run([sys.executable, "-m", "virtualenv", *arguments], check=True)
    return folder / BIN / "python"


@pytest.fixture
def releases(index: Releases) -> Releases:
    """Hold the tutorial's packages, newer ones too, which must not come."""
    index.add("matrix", "1.0", requires=["sound32>=1"])
    index.add("matrix", "1.1", requires=["sound32>=1"])
    index.add("sound32", "1.0")
    index.add("sound32", "1.2")
    index.add("cuda", "12.0", tags=["py3-none-any", "cp39-abi3-win_amd64"])
    return index


INSTALLS = {
    "pip requirements": (
        "requirements",
        "{python} -m pip install --quiet --no-input --require-hashes --index-url {index} -r {file}",
    ),
    "pip pylock": ("pylock", "{python} -m pip install --quiet --no-input --no-index -r {file}"),
    "uv requirements": (
        "requirements",
        (
            "uv pip sync --no-config --quiet --require-hashes --python {python}"
            " --default-index {index} {file}"
        ),
    ),
    "uv pylock": ("pylock", "uv pip sync --no-config --quiet --python {python} {file}"),
}


@pytest.mark.parametrize("way", INSTALLS)
def test_an_index_s_packages_install(
    way: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    server = serve(releases)
    pins = held(releases)
    made = snapshot(pins, {HERE: [("matrix", pins["matrix"][0]), ("sound32", pins["sound32"][0])]})

    ran = _install(way, made, places(releases, server, pins), venv, tmp_path, server)

    assert ran.returncode == 0, ran.stderr
    assert _installed(venv) == {"matrix": "1.0", "sound32": "1.0"}


@pytest.mark.parametrize("way", INSTALLS)
def test_a_file_whose_bytes_have_changed_is_refused(
    way: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    pins = held(releases)
    releases.remove("sound32")
    releases.add("sound32", "1.0", padding=64)
    server = serve(releases, hashes=False)
    made = snapshot(pins, {HERE: [("sound32", pins["sound32"][0])]})

    ran = _install(way, made, places(releases, server, pins), venv, tmp_path, server)

    assert ran.returncode != 0
    assert "hash" in ran.stderr.lower()
    assert _installed(venv) == {}


@pytest.mark.parametrize("way", [way for way in INSTALLS if "pylock" in way])
def test_a_pylock_of_another_environment_is_refused(
    way: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    server = serve(releases)
    pins = held(releases)
    windows = configuration(Wish(python=HERE.target.minor, platform="windows-arm64"))
    made = snapshot(pins, {replace(windows, name=HERE.name): [("sound32", pins["sound32"][0])]})

    ran = _install(way, made, places(releases, server, pins), venv, tmp_path, server)

    assert ran.returncode != 0
    assert _installed(venv) == {}


@pytest.mark.parametrize(
    "command",
    [
        "{python} -m pip install --quiet --no-input --no-index -r pylock.toml[gpu]",
        "uv pip install --no-config --quiet --python {python} -r pylock.toml --extra gpu",
    ],
    ids=["pip", "uv"],
)
def test_an_extra_is_chosen_at_install_time(
    command: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    server = serve(releases)
    pins = held(releases)
    old, new = pins["matrix"]
    made = snapshot(
        pins,
        {
            HERE: [("matrix", old), ("sound32", pins["sound32"][0])],
            configuration_of(HERE.target, extras=["gpu"]): [
                ("matrix", new),
                ("sound32", pins["sound32"][0]),
                ("cuda", pins["cuda"][0]),
            ],
        },
    )
    outcome = pylock(made, made.configurations, places(releases, server, pins))
    assert isinstance(outcome, Exported)
    (tmp_path / "pylock.toml").write_text(outcome.text)

    ran = _run(command.format(python=venv), tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert _installed(venv) == {"matrix": "1.1", "sound32": "1.0", "cuda": "12.0"}


@pytest.mark.parametrize(
    ("command", "installed"),
    [
        (
            "{python} -m pip install --quiet --no-input --no-index -r pylock.toml",
            {"sound32": "1.0"},
        ),
        ("uv pip sync --no-config --quiet --python {python} pylock.toml", {"sound32": "1.0"}),
        (
            "{python} -m pip install --quiet --no-input --no-index --group pylock.toml:dev",
            {"cuda": "12.0"},
        ),
        (
            "uv pip install --no-config --quiet --python {python} -r pylock.toml --group dev",
            {"cuda": "12.0"},
        ),
        (
            (
                "{python} -m pip install --quiet --no-input --no-index -r pylock.toml"
                " --group pylock.toml:dev"
            ),
            {"cuda": "12.0", "sound32": "1.0"},
        ),
        (
            (
                "uv pip install --no-config --quiet --python {python} -r pylock.toml"
                " --group main --group dev"
            ),
            {"cuda": "12.0", "sound32": "1.0"},
        ),
    ],
    ids=["pip's default", "uv's default", "pip's group", "uv's group", "pip's both", "uv's both"],
)
def test_a_group_is_chosen_at_install_time(  # noqa: PLR0913, PLR0917  (a row and its fixtures)
    command: str,
    installed: dict[str, str],
    releases: Releases,
    serve: Serve,
    venv: Path,
    tmp_path: Path,
) -> None:
    server = serve(releases)
    pins = held(releases)
    main, dev = ("sound32", pins["sound32"][0]), ("cuda", pins["cuda"][0])
    made = snapshot(
        pins,
        {
            HERE: [main],
            configuration_of(HERE.target, groups=["dev"]): [dev],
            configuration_of(HERE.target, groups=["main", "dev"]): [main, dev],
        },
    )
    outcome = pylock(made, made.configurations, places(releases, server, pins))
    assert isinstance(outcome, Exported)
    (tmp_path / "pylock.toml").write_text(outcome.text)

    ran = _run(command.format(python=venv), tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert _installed(venv) == installed


@pytest.mark.parametrize("way", INSTALLS)
def test_archives_from_anywhere_install(
    way: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    server = serve(releases)
    pins = {**held(releases), **_archives(releases, server, tmp_path)}
    names = ("sound32", "by-url", "by-path")
    made = snapshot(pins, {HERE: [(name, pins[name][0]) for name in names]})

    ran = _install(way, made, places(releases, server, pins), venv, tmp_path, server)

    assert ran.returncode == 0, ran.stderr
    assert _installed(venv) == dict.fromkeys(names, "1.0")


@pytest.mark.parametrize("way", INSTALLS)
def test_source_trees_install(
    way: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    """Except where pip checks hashes: there it refuses what is no single file."""
    server = serve(releases)
    pins = {**held(releases), **_trees(tmp_path)}
    names = ("sound32", "folder", "editable", "repository")
    made = snapshot(pins, {HERE: [(name, pins[name][0]) for name in names]})

    hashless = INSTALLS[way][0], INSTALLS[way][1].replace("--require-hashes ", "")
    ran = _install(hashless, made, places(releases, server, pins), venv, tmp_path, server)

    if way == "pip pylock":
        assert "there is no single file to hash" in ran.stderr
    else:
        assert ran.returncode == 0, ran.stderr
        assert _installed(venv) == dict.fromkeys(names, "1.0")


@pytest.mark.parametrize("tool", ["{python} -m pip", "uv pip"], ids=["pip", "uv"])
def test_constraints_hold_versions(
    tool: str, releases: Releases, serve: Serve, venv: Path, tmp_path: Path
) -> None:
    server = serve(releases)
    pins = held(releases)
    made = snapshot(pins, {HERE: [("matrix", pins["matrix"][0]), ("sound32", pins["sound32"][0])]})
    (tmp_path / "constraints.txt").write_text(constraints(made, HERE.name).text)

    python = f" --python {venv}" if tool == "uv pip" else ""
    command = f"{tool} install --quiet{python} --index-url {server.url} -c constraints.txt matrix"
    ran = _run(command.format(python=venv), tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert _installed(venv) == {"matrix": "1.0", "sound32": "1.0"}


def _archives(releases: Releases, server: Server, folder: Path) -> Pins:
    """Pin one wheel by its address and one by its path."""
    (by_url,) = releases.add("by-url", "1.0", sdist=False)
    (by_path,) = releases.add("by-path", "1.0", sdist=False)
    releases.remove("by-path")
    (folder / "wheels").mkdir()
    (folder / "wheels" / by_path.filename).write_bytes(by_path.content)
    sources: dict[str, tuple[Artifact, SnapshotSource]] = {
        "by-url": (by_url, Url(url=f"{server.base}/files/{by_url.filename}")),
        "by-path": (by_path, LocalFile(path=f"wheels/{by_path.filename}")),
    }
    return {
        name: (
            PackageEntry(
                version="1.0",
                source=source,
                files={artifact.filename: f"sha256:{artifact.sha256}"},
            ),
        )
        for name, (artifact, source) in sources.items()
    }


def _trees(folder: Path) -> Pins:
    """Pin a directory, an editable one and a repository."""
    for name in ("folder", "editable", "repository"):
        tree(folder / "libs" / name)
    repository = folder / "libs" / "repository"
    sources: dict[str, SnapshotSource] = {
        "folder": Directory(path="libs/folder"),
        "editable": Directory(path="libs/editable", editable=True),
        "repository": Git(url=repository.as_uri(), commit=commit(repository)),
    }
    return {name: (PackageEntry(version="1.0", source=source),) for name, source in sources.items()}


def _install(  # noqa: PLR0913, PLR0917  (one call, all of what a test has at hand)
    way: str | tuple[str, str],
    made: Snapshot,
    at: Places,
    venv: Path,
    folder: Path,
    server: Server,
) -> subprocess.CompletedProcess[str]:
    kind, command = INSTALLS[way] if isinstance(way, str) else way
    match kind:
        case "pylock":
            outcome = pylock(made, [HERE.name], at)
            file = folder / "pylock.toml"
        case _:
            outcome = requirements(made, HERE.name, at)
            file = folder / "requirements.txt"
    assert isinstance(outcome, Exported), outcome
    file.write_text(outcome.text, encoding="utf-8")
    return _run(command.format(python=venv, index=server.url, file=file.name), folder)


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))
    }
    environ |= {"UV_CACHE_DIR": str(folder / "cache"), "PIP_CACHE_DIR": str(folder / "cache")}
    environ |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        command.split(" "), cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def _installed(venv: Path) -> dict[str, str]:
    code = (
        "import json, importlib.metadata as m;"
        "print(json.dumps({d.metadata['Name']: d.version for d in m.distributions()}))"
    )
    out = subprocess.run([venv, "-c", code], capture_output=True, check=True, text=True).stdout
    found: dict[str, str] = json.loads(out)
    found.pop("pip", None)
    return found
