"""The lockfile tutorial of a C++ package manager, told for a Poetry project: engine and matrix.

Every step is a command, and the file's content is looked at after each.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING

import pytest
from engine import PC, chosen, content, pinned
from environments import installed
from readme import page

from poetry_lockguard.demo.tutorial import PORT, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

OLD_PC = "--python 3.11 --platform linux-i686"


@pytest.fixture
def engine(index: Index, pypi: Pypi, story: Callable[[str], Path]) -> Path:
    """The project of the tutorial; PyPI has the first versions and serves HTML pages only."""
    index.add("matrix", "1.0")
    index.add("sound32", "1.0")
    pypi(index, here=True, json=False)
    return story("engine")


def test_create_writes_the_whole_file(run: Run, engine: Path, index: Index) -> None:
    result = run(f"lockguard snapshot create {PC}", engine)

    assert result.code == 0, result.err
    found = content(engine)
    assert found["project"] == {
        "name": "engine",
        "requires_python": ">=3.10",
        "content_hash": found["project"]["content_hash"],
        "requirements": {
            "main": [
                "matrix (>=1.0,<2.0)",
                "sound32 (>=1.0,<2.0) ; platform_machine == 'i686'",
            ]
        },
    }
    (configuration,) = found["configurations"].values()
    assert configuration["packages"] == {
        "matrix": {"version": "1.0", "resolved_by": "root", "groups": ["main"]}
    }
    assert configuration["target"]["markers"]["platform_machine"] == "x86_64"
    assert found["packages"] == {
        "matrix": [
            {
                "version": "1.0",
                "source": {"type": "pypi"},
                "requires_python": None,
                "dependencies": [],
                "files": {one.filename: f"sha256:{one.sha256}" for one in index.projects["matrix"]},
                "reproducible": True,
            }
        ]
    }
    assert sorted(path.name for path in engine.iterdir()) == ["lockguard.lock", "pyproject.toml"]


def test_a_newer_version_is_ignored_until_it_is_asked_for(
    run: Run, engine: Path, index: Index
) -> None:
    run(f"lockguard snapshot create {PC}", engine)
    before = (engine / "lockguard.lock").read_bytes()
    index.add("matrix", "1.1")

    result = run(f"lockguard snapshot create {PC}", engine)

    assert (result.code, result.out) == (0, "lockguard.lock: unchanged\n")
    assert (engine / "lockguard.lock").read_bytes() == before


def holds(
    folder: Path, pc: dict[str, str], old_pc: dict[str, str] | None, pins: dict[str, str]
) -> None:
    """Look at the file: each configuration's versions, and all pins, the latest first."""
    both = {"linux-x86_64-py311": pc, "linux-i686-py311": old_pc}
    assert chosen(folder) == {name: one for name, one in both.items() if one is not None}
    assert pinned(folder) == {name: versions.split() for name, versions in pins.items()}
    found = content(folder)
    assert all(pin["reproducible"] for versions in found["packages"].values() for pin in versions)
    assert found["project"]["name"] == "engine"


def test_the_whole_tutorial(run: Run, engine: Path, index: Index) -> None:
    def step(command: str, code: int = 0) -> Result:
        result = run(f"lockguard snapshot {command}", engine)
        assert result.code == code, (command, result)
        assert sorted(path.name for path in engine.glob(".*")) == []
        return result

    lock = engine / "lockguard.lock"

    # Create, for the default target.
    step(f"create {PC}")
    holds(engine, {"matrix": "1.0"}, None, {"matrix": "1.0"})

    # Newer versions are published, and ignored.
    index.add("matrix", "1.1")
    index.add("sound32", "1.1")
    before = lock.read_bytes()
    step(f"create {PC}")
    assert lock.read_bytes() == before

    # Another architecture needs what nobody has pinned; all of it is said, nothing is written.
    manifest = engine / "pyproject.toml"
    manifest.write_text(
        manifest.read_text()
        + '\n[tool.lockguard.matrix]\npython = ["3.11"]\n'
        + 'platform = ["linux-x86_64", "linux-i686"]\n'
    )
    strict = step("verify --config linux-i686-py311", code=1)
    assert "no pin fits sound32 (>=1.0,<2.0)" in strict.out
    assert "matrix" not in strict.out
    assert lock.read_bytes() == before

    # Extend: what is pinned for one configuration is preferred for the next.
    step("create --config linux-i686-py311")
    old_pc = {"matrix": "1.0", "sound32": "1.1"}
    holds(engine, {"matrix": "1.0"}, old_pc, {"matrix": "1.0", "sound32": "1.1"})
    step("verify")

    # Add a pin; nobody uses it yet, and no configuration changes.
    configurations = content(engine)["configurations"]
    step("add sound32==1.0")
    holds(engine, {"matrix": "1.0"}, old_pc, {"matrix": "1.0", "sound32": "1.1 1.0"})
    assert content(engine)["configurations"] == configurations

    # Clean drops it again, and nothing else.
    step("clean")
    holds(engine, {"matrix": "1.0"}, old_pc, {"matrix": "1.0", "sound32": "1.1"})
    assert content(engine)["configurations"] == configurations

    # Update replaces all pins of a name, in every configuration that can have the new one.
    step("update matrix==1.1")
    old_pc = {"matrix": "1.1", "sound32": "1.1"}
    holds(engine, {"matrix": "1.1"}, old_pc, {"matrix": "1.1", "sound32": "1.1"})
    step("verify")

    # Split into two files by configuration, each with its own pins only.
    whole = lock.read_bytes()
    parts = {"linux-x86_64-py311": {"matrix"}, "linux-i686-py311": {"matrix", "sound32"}}
    for name, packages in parts.items():
        step(f"create --config {name} --from lockguard.lock --output {name}.lock")
        part = content(engine, f"{name}.lock")
        assert part["configurations"] == {name: content(engine)["configurations"][name]}
        assert {*part["packages"]} == packages
    assert lock.read_bytes() == whole

    # Merge back to the same bytes, in either order.
    for names in ([*parts], [*parts][::-1]):
        lock.unlink()
        step(f"merge {names[0]}.lock {names[1]}.lock")
        assert lock.read_bytes() == whole
    step("verify")


@pytest.mark.contract
def test_another_machine_installs_nothing_strictly_and_what_is_pinned_partially(
    run: Run, engine: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot is the old machine's; this one is another."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    name = f"linux-i686-py{minor.replace('.', '')}"
    made = run(f"lockguard snapshot create --python {minor} --platform linux-i686", engine)
    assert made.code == 0, made.err
    assert chosen(engine) == {name: {"matrix": "1.0", "sound32": "1.0"}}
    before = (engine / "lockguard.lock").read_bytes()
    index.add("matrix", "1.1")

    strict = run("lockguard install --snapshot", engine)
    nothing = installed(engine)
    partial = run("lockguard install --snapshot --partial", engine)

    assert (strict.code, partial.code) == (1, 0), partial.err
    assert f"no configuration fits this interpreter; the nearest: {name} (" in strict.err
    assert f"machine {platform.machine()}, not i686" in strict.err
    assert nothing == set()
    assert "WARNING" in partial.err
    assert installed(engine) == {"matrix"}
    assert [*engine.glob(".venv/lib*/python*/site-packages/matrix-1.0.dist-info")]
    assert (engine / "lockguard.lock").read_bytes() == before


def shown() -> list[tuple[str, list[str]]]:
    """Return the tutorial's documented steps: what is typed or declared, and what is printed."""
    told = page("snapshots/tutorial").partition("\nCreate\n")[2]
    steps: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^\.\. code-block:: \w+\n\n((?:(?:    .*)?\n)+)", told, re.MULTILINE):
        for line in textwrap.dedent(block).strip().splitlines():
            if line.startswith("$ "):
                steps.append((line.removeprefix("$ "), []))
            elif line.startswith("[tool."):
                steps.append(("", [line]))
            else:
                steps[-1][1].append(line)
    return steps


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Path]:
    """The project that ``lockguard demo`` makes, while its index is up at the documented port."""
    folder = tmp_path / "engine"
    with serve(folder, 0) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield folder
        server.shutdown()
        serving.join()


def test_the_documentation_shows_what_the_tutorials_commands_print(run: Run, demo: Path) -> None:
    printed = []
    manifest = demo / "pyproject.toml"
    port = re.findall(r"127\.0\.0\.1:(\d+)", manifest.read_text())[0]

    for command, lines in shown():
        if command.startswith("poetry "):
            out = run(command.removeprefix("poetry "), demo).out.replace(port, str(PORT))
            printed.append((command, out.splitlines() if lines else []))
        elif command:
            subprocess.run(["sh", "-c", command], cwd=demo, check=True, timeout=60)
            printed.append((command, []))
        else:
            manifest.write_text("\n".join([manifest.read_text(), *lines, ""]))
            printed.append((command, lines))

    assert printed == shown()
