"""Steps of a GitHub job, one after the other: scripts as they stand, and what actions mean.

Only what needs GitHub is replaced: checkout clones, setup-python puts a Python with pip in front,
artifacts are folders. A composite action's steps run like a job's own.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from conftest import ROOT

from pipelines.documents import parsed
from pipelines.expressions import filled, holds, status, value_of
from pipelines.shell import Said, bash, surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pipelines.expressions import Context

SHELL = {"bash", None}


@dataclass(slots=True, kw_only=True)
class Machine:
    """The machine of one job: its folders, what its steps left behind, and what they said."""

    home: Path
    origin: Path  # the bare repository that is checked out
    branch: str
    artifacts: Path
    python: Path  # the folder of programs that setup-python puts in front
    environ: dict[str, str] = field(default_factory=dict)
    log: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp):
            folder.mkdir(parents=True, exist_ok=True)
        self.summary.touch()
        given = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        self.environ = {**surroundings(self.home), **given, **self.environ}

    @property
    def workspace(self) -> Path:
        return self.home / "work"

    @property
    def temp(self) -> Path:
        return self.home / "temp"

    @property
    def summary(self) -> Path:
        return self.home / "summary.md"

    @property
    def said(self) -> str:
        return "".join(one.out for one in self.log)

    def in_front(self, folder: str) -> None:
        self.environ["PATH"] = f"{folder}:{self.environ['PATH']}"


def run_steps(steps: Sequence[Mapping[str, Any]], machine: Machine, context: Context) -> bool:
    """Run steps in order; after a failure only those that ask for it. Tells whether all is well."""
    is_well = True
    context["steps"] = {}
    for number, step in enumerate(steps):
        context.update(status(is_well=is_well))
        if not holds(step.get("if"), context):
            continue
        outputs = machine.temp / f"output-{len(machine.log)}-{number}"
        outputs.touch()
        code = _step(step, machine, context, outputs)
        if "id" in step:
            context["steps"][step["id"]] = {"outputs": read_values(outputs.read_text())}
        is_well = is_well and code == 0
    return is_well


def _step(step: Mapping[str, Any], machine: Machine, context: Context, outputs: Path) -> int:
    if "uses" in step:
        given = {key: filled(one, context) for key, one in step.get("with", {}).items()}
        name = step["uses"].partition("@")[0]
        if name.endswith("/poetry-lockguard"):
            return composite(ROOT / "action.yml", given, machine, context, outputs)
        ACTIONS[name](machine, given)
        return 0
    assert step.get("shell") in SHELL, step
    own = {key: filled(one, context) for key, one in step.get("env", {}).items()}
    files = {name: machine.temp / name for name in ("GITHUB_ENV", "GITHUB_PATH")}
    for file in files.values():
        file.write_text("")
    written = {name: str(file) for name, file in files.items()} | {"GITHUB_OUTPUT": str(outputs)}
    said = bash(
        filled(step["run"], context), machine.workspace, {**machine.environ, **written, **own}
    )
    machine.log.append(said)
    machine.environ.update(read_values(files["GITHUB_ENV"].read_text()))
    for line in files["GITHUB_PATH"].read_text().splitlines():
        machine.in_front(line)
    return said.code


def composite(
    path: Path, given: Mapping[str, str], machine: Machine, outer: Context, outputs: Path
) -> int:
    """Run a composite action; its outputs are written as a script would write its own."""
    action = parsed(path.read_text(encoding="utf-8"))
    unknown = given.keys() - action["inputs"].keys()
    assert not unknown, f"the action has no input {unknown}"
    defaults = {name: one.get("default", "") for name, one in action["inputs"].items()}
    context: Context = {
        "github": {**outer["github"], "action_path": str(path.parent)},
        "runner": outer["runner"],
        "inputs": {**defaults, **given},
    }
    is_well = run_steps(action["runs"]["steps"], machine, context)
    lines = [
        f"{name}={value_of(one['value'], context) or ''}\n"
        for name, one in action["outputs"].items()
    ]
    outputs.write_text("".join(lines))
    return 0 if is_well else 1


def read_values(text: str) -> dict[str, str]:
    """Read what a script wrote to GITHUB_OUTPUT or GITHUB_ENV: a name and a value a line."""
    pairs = (line.partition("=") for line in text.splitlines())
    found = {}
    for name, equals, value in pairs:
        assert equals, f"no NAME=VALUE: {name!r}"
        found[name] = value
    return found


def _checkout(machine: Machine, given: Mapping[str, str]) -> None:
    depth = [] if given.get("fetch-depth") == "0" else ["--depth", "1"]
    command = ["git", "clone", "--quiet", *depth, "--branch", machine.branch]
    origin = machine.origin.as_uri()
    subprocess.run([*command, origin, str(machine.workspace)], check=True, timeout=60)


def _setup_python(machine: Machine, given: Mapping[str, str]) -> None:
    assert given["python-version"]
    machine.in_front(str(machine.python))


def _upload(machine: Machine, given: Mapping[str, str]) -> None:
    source = machine.workspace / given["path"]
    assert source.is_file(), f"no file to upload: {source}"
    target = machine.artifacts / given["name"]
    target.mkdir()
    shutil.copy(source, target)


def _download(machine: Machine, given: Mapping[str, str]) -> None:
    assert given["merge-multiple"] == "true", "other artifacts would come in folders of their own"
    target = machine.workspace / given["path"]
    for artifact in machine.artifacts.iterdir():
        if fnmatch(artifact.name, given["pattern"]):
            shutil.copytree(artifact, target, dirs_exist_ok=True)


ACTIONS: dict[str, Callable[[Machine, Mapping[str, str]], None]] = {
    "actions/checkout": _checkout,
    "actions/setup-python": _setup_python,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
}
