"""Do other tools read what ``lockguard export`` writes, and as what Poetry installs?

    python tests/benchmarks/export_peers.py [PROJECT…] [--most N] [--tools FOLDER]

For each project of ``../shared/corpus`` with a fresh lock, for main, for each group and each extra:
what ``poetry install --dry-run`` would install into an empty environment is compared with what pip,
uv, PDM and pip-audit read from the exported files, without installing anything. FOLDER has the
commands ``pip``, ``pdm`` and ``pip-audit``; tools that are not there are left out, and pip before
26.1 for ``pylock.toml``. pip-audit reads the requirements only, and no service is asked; of its
packages the number is compared.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.requirements import declaration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Packages = frozenset[tuple[str, str]]

SHARED = Path(__file__).parents[3] / "shared"
OURS = (sys.executable, "-m", "poetry_lockguard")
POETRY = (sys.executable, "-m", "poetry")
PATIENCE = 300  #: seconds for one command
POETRYS = re.compile(r"^  - Installing (\S+) \(([^\s)]+)[^)]*\)(?!: Skipped)", re.MULTILINE)
UVS = re.compile(r"^ \+ (\S+?)==(\S+?)(?: \(|$)", re.MULTILINE)
PDMS = re.compile(r"^  - (\S+) (\S+)$", re.MULTILINE)
COUNTED = re.compile(r"would have audited (\d+) packages")
PDM_MANIFEST = '[project]\nname = "reader"\nversion = "1"\nrequires-python = "{python}"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The groups and the extra of one installation, and the other groups."""

    groups: tuple[str, ...] = ("main",)
    others: tuple[str, ...] = ()
    extra: str | None = None

    def __str__(self) -> str:
        return "+".join(self.groups) + (f"[{self.extra}]" if self.extra else "")

    @property
    def exported(self) -> list[str]:
        extras = ["--extras", self.extra] if self.extra else []
        return ["--group", ",".join(self.groups), *extras]

    @property
    def installed(self) -> list[str]:
        parts = {"extras": self.extra, "with": ",".join(self.groups[1:])}
        parts |= {"without": ",".join(self.others)}
        return [word for name, text in parts.items() if text for word in (f"--{name}", text)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A copy of a project, an empty environment, and the tools that are there."""

    folder: Path
    python: Path
    tools: Path

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "VIRTUAL_ENV": str(self.python.parents[1]), "CI": "1"}
        environ |= {"POETRY_VIRTUALENVS_CREATE": "false", "NO_COLOR": "1"}
        return subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def tool(self, name: str) -> str | None:
        return shutil.which(name, path=f"{self.tools}{os.pathsep}{os.environ['PATH']}")


def packages(found: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Packages:
    return frozenset((canonicalize_name(name), normal(version)) for name, version in found)


def normal(version: str) -> str:
    """Return a version as all tools write it; PDM has none for what comes from an address."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def poetrys(bench: Bench, choice: Choice) -> Packages | str:
    command = [*POETRY, "install", "--no-root", "--dry-run", "--no-ansi", "-n", *choice.installed]
    done = bench.run(*command)
    return packages(POETRYS.findall(done.stdout)) if done.returncode == 0 else done.stderr


def by_uv(bench: Bench, file: str) -> Packages | str | None:
    hashes = ["--require-hashes"] if file.endswith(".txt") else []
    command = ["uv", "pip", "sync", "--no-config", "--dry-run", "--allow-empty-requirements"]
    done = bench.run(*command, *hashes, "--python", str(bench.python), file)
    return packages(UVS.findall(done.stderr)) if done.returncode == 0 else done.stderr


def by_pip(bench: Bench, file: str) -> Packages | str | None:
    pip = bench.tool("pip")
    if pip is None:
        return None
    hashes = ["--require-hashes", "--no-deps"] if file.endswith(".txt") else []
    command = ["--python", str(bench.python), "install", "--dry-run", "--no-input", "--quiet"]
    done = bench.run(pip, *command, "--ignore-installed", *hashes, "--report", "-", "-r", file)
    if done.returncode:
        return None if "Invalid requirement: 'lock-version" in done.stderr else done.stderr
    found = [one["metadata"] for one in json.loads(done.stdout or '{"install": []}')["install"]]
    return packages([(one["name"], one["version"]) for one in found])


def by_pdm(bench: Bench, file: str) -> Packages | str | None:
    """Let PDM install from a ``pylock.toml`` alone, for a project without requirements."""
    pdm = bench.tool("pdm")
    if pdm is None or file.endswith(".txt"):
        return None
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        python = f">={sys.version_info.major}.{sys.version_info.minor}"
        (folder / "pyproject.toml").write_text(PDM_MANIFEST.format(python=python))
        shutil.copy(bench.folder / file, folder)
        done = bench.run(pdm, "sync", "--dry-run", "--no-self", "-L", file, cwd=folder)
    return packages(PDMS.findall(done.stdout)) if done.returncode == 0 else done.stderr


def by_pip_audit(bench: Bench, file: str) -> int | str | None:
    """Return how many packages pip-audit reads from the file."""
    audit = bench.tool("pip-audit")
    if audit is None or not file.endswith(".txt"):
        return None
    command = ["--dry-run", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    done = bench.run(audit, *command, "-r", file)
    found = COUNTED.search(done.stderr)
    return int(found[1]) if found else done.stderr


READERS = {"uv": by_uv, "pip": by_pip, "pdm": by_pdm}
FILES = {"requirements": "requirements.txt", "pylock": "pylock.toml"}


def trials(bench: Bench, choice: Choice) -> Iterator[tuple[str, str]]:
    """Yield what each reader made of each file: as Poetry, other packages, or an error."""
    expected = poetrys(bench, choice)
    if isinstance(expected, str):
        yield "poetry", f"error: {last_line(expected)}"
        return
    for form, file in FILES.items():
        (bench.folder / file).unlink(missing_ok=True)
        command = [*OURS, "export", "--format", form, "--output", file, *choice.exported]
        done = bench.run(*command)
        if done.returncode:
            yield f"export {form}", f"refused: {last_line(done.stderr)}"
            continue
        for name, reader in READERS.items():
            found = reader(bench, file)
            if found is not None:
                yield f"{name} {form}", said(expected, found)
        audited = by_pip_audit(bench, file)
        if audited is not None:
            yield "pip-audit", "as Poetry" if audited == len(expected) else f"other: {audited}"


def said(expected: Packages, found: Packages | str) -> str:
    if isinstance(found, str):
        return f"error: {last_line(found)}"
    if found == expected:
        return "as Poetry"
    missing, more = sorted(expected - found), sorted(found - expected)
    return f"other: missing {len(missing)} {missing[:3]}, more {len(more)} {more[:3]}"


def last_line(text: str) -> str:
    return ([*filter(str.strip, text.splitlines())] or ["no output"])[-1].strip()


def choices(folder: Path) -> list[Choice]:
    declared = declaration(read(folder / "pyproject.toml"))
    groups = tuple(sorted(group for group in declared.groups if group != "main"))
    extras = [Choice(extra=extra, others=groups) for extra in sorted(declared.extras)]
    return [
        Choice(others=groups),
        *extras,
        *(
            Choice(groups=("main", one), others=tuple(other for other in groups if other != one))
            for one in groups
        ),
    ]


def projects(chosen: list[str]) -> Iterator[Path]:
    for manifest in sorted(SHARED.glob("corpus/*/pyproject.toml")):
        if not chosen or manifest.parent.name in chosen:
            yield manifest.parent


def measured(project: Path, tools: Path) -> Iterator[tuple[Choice, str, str]]:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "project"
        shutil.copytree(project, folder, symlinks=True)
        subprocess.run(["uv", "venv", "-q", "--python", sys.executable, f"{work}/venv"], check=True)
        bench = Bench(folder=folder, python=Path(work) / "venv/bin/python", tools=tools)
        if bench.run(*OURS, "check").returncode:
            return
        for choice in choices(folder):
            for reader, outcome in trials(bench, choice):
                yield choice, reader, outcome


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--most", type=int, default=8, help="projects to look at")
    parser.add_argument("--tools", type=Path, default=Path(sys.executable).parent)
    chosen = parser.parse_args()
    counted: dict[str, Counter[str]] = {}
    done = 0
    for project in projects(chosen.projects):
        number = 0
        try:
            for choice, reader, outcome in measured(project, chosen.tools):
                number += 1
                kind = outcome.partition(":")[0]
                counted.setdefault(reader, Counter())[kind] += 1
                if kind != "as Poetry":
                    print(f"{project.name} {choice}: {reader}: {outcome}", flush=True)
        except (LockguardError, subprocess.TimeoutExpired) as error:
            print(f"{project.name}: {error}")
        done += number > 0
        if done == chosen.most:
            break
    print(f"{done} projects")
    show(counted)


def show(counted: Mapping[str, Counter[str]]) -> None:
    for reader, kinds in counted.items():
        print(f"{reader:20} {', '.join(f'{number} {kind}' for kind, number in kinds.items())}")


if __name__ == "__main__":
    main()
