"""The setup script for cloud agents, and the devcontainer feature, run where nothing is real."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

AGENT = ROOT / "setup" / "cloud-agent.sh"
FEATURE = ROOT / "setup" / "devcontainer-feature"
TELL = '#!/bin/sh\necho "{name} $*" >> "$TOLD"\n'
#: stands for python3: makes an environment whose programs tell how they were called
PYTHON = (
    '#!/bin/sh\necho "python3 $*" >> "$TOLD"\nmkdir -p "$3/bin"\n'
    'for name in pip lockguard poetry; do cp "$PROGRAMS/$name" "$3/bin/$name"; done\n'
)


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine on which nothing is really installed."""
    programs = tmp_path / "programs"
    programs.mkdir()
    texts = {name: TELL.format(name=name) for name in ("pip", "poetry")}
    texts["lockguard"] = TELL.format(name="lockguard") + 'echo "cert $PIP_CERT" >> "$TOLD"\n'
    for name, text in {**texts, "python3": PYTHON}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return {
        "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "PROGRAMS": str(programs),
        "TOLD": str(tmp_path / "told"),
        "HOME": str(tmp_path),
    }


def told(script: Path, environment: dict[str, str], *arguments: str) -> list[str]:
    subprocess.run([str(script), *arguments], env=environment, check=True, timeout=30)
    return Path(environment["TOLD"]).read_text(encoding="utf-8").splitlines()


def test_an_agents_machine_gets_the_program_and_the_project(
    machine: dict[str, str], tmp_path: Path
) -> None:
    authority = tmp_path / "authority.pem"
    authority.touch()
    place = tmp_path / ".local" / "share" / "lockguard"

    lines = told(AGENT, {**machine, "CODEX_PROXY_CERT": str(authority)}, "--all-extras")

    assert lines == [
        f"python3 -m venv {place}",
        "pip install --quiet --retries 5 poetry-lockguard",
        "lockguard install --no-interaction --all-extras",
        f"cert {authority}",
    ]
    links = tmp_path / ".local" / "bin"
    assert [path.name for path in links.iterdir()] == ["lockguard"]  # it has a Poetry
    assert (links / "lockguard").samefile(place / "bin" / "lockguard")


def test_a_second_run_installs_the_project_alone(machine: dict[str, str]) -> None:
    first = told(AGENT, machine)

    assert told(AGENT, machine)[len(first) :] == ["lockguard install --no-interaction", "cert "]


def test_the_feature_installs_what_its_options_say(machine: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    places = {"LOCKGUARD_PLACE": str(tmp_path / "place"), "LOCKGUARD_LINKS": f"{tmp_path}/links"}

    lines = told(FEATURE / "install.sh", {**machine, **places, "POETRY": "2.1.4"})

    assert lines[1:] == ["pip install --quiet --no-cache-dir poetry-lockguard poetry==2.1.4"]
    assert sorted(path.name for path in (tmp_path / "links").iterdir()) == ["lockguard", "poetry"]


def test_the_features_options_are_those_that_its_script_reads() -> None:
    about = json.loads((FEATURE / "devcontainer-feature.json").read_text(encoding="utf-8"))
    script = (FEATURE / "install.sh").read_text(encoding="utf-8")

    assert {"id", "version", "name"} <= {*about}
    assert [name for name in about["options"] if f"${{{name.upper()}:" not in script] == []
