"""``matrix``: the configurations as a matrix of CI jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from poetry_lockguard.targets.platforms import short_name
from poetry_lockguard.targets.target import FREE_THREADED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poetry_lockguard.targets.configuration import Configuration
    from poetry_lockguard.targets.variant import Variant


class Machine(NamedTuple):
    """A hosted runner: GitHub's label, the architecture for setup-python, GitLab.com's tag."""

    label: str
    architecture: str
    tag: str


# https://docs.github.com/en/actions/reference/runners/github-hosted-runners
# https://docs.gitlab.com/ci/runners/hosted_runners/
MACHINES = {
    "linux-x86_64": Machine("ubuntu-24.04", "x64", "saas-linux-small-amd64"),
    "linux-aarch64": Machine("ubuntu-24.04-arm", "arm64", "saas-linux-small-arm64"),
    "macos-arm64": Machine("macos-15", "arm64", "saas-macos-medium-m1"),
    "macos-x86_64": Machine("macos-15-intel", "x64", ""),
    "windows-x86_64": Machine("windows-2025", "x64", "saas-windows-medium-amd64"),
    "windows-i686": Machine("windows-2025", "x86", "saas-windows-medium-amd64"),
    "windows-arm64": Machine("windows-11-arm", "arm64", ""),
}
ANY = MACHINES["linux-x86_64"]  # resolving needs no machine of the platform itself

#: the most jobs that a matrix may have; with more, the system refuses the whole pipeline
LIMITS = {"github": 256, "gitlab": 200}


def rows(configurations: Sequence[Configuration]) -> list[dict[str, Any]]:
    """Return each configuration with the values that declare it."""
    return [
        {
            "name": one.name,
            "python": one.target.python,
            "implementation": one.target.implementation,
            "platform": short_name(one.target.platform),
            "tag": one.target.platform,
            "groups": [*one.groups],
            "extras": [*one.extras],
            **_variant(one.variant),
        }
        for one in configurations
    ]


def _variant(variant: Variant) -> dict[str, Any]:
    """Return the sources and constraints of a variant; other configurations have neither key."""
    if not variant:
        return {}
    sources = {package: source.name for package, source in variant.sources}
    return {"sources": sources, "constraints": [*variant.constraints]}


def as_json(configurations: Sequence[Configuration]) -> str:
    """Return the JSON document."""
    document = {
        "lockguard": 1,
        "command": "matrix",
        "status": "listed",
        "configurations": rows(configurations),
    }
    return json.dumps(document, indent=2)


def github(configurations: Sequence[Configuration]) -> str:
    """Return one line for ``strategy: matrix: ${{ fromJSON(…) }}``.

    ``python-version`` and ``architecture`` are for actions/setup-python; ``native`` says whether
    ``os`` is a machine of the platform; names are separated by spaces.
    """
    return json.dumps({"include": [_github_row(row) for row in rows(configurations)]})


def _github_row(row: Mapping[str, Any]) -> dict[str, Any]:
    machine = MACHINES.get(row["platform"], ANY)
    python = _requested(row)
    return {
        "config": row["name"],
        "os": machine.label,
        "native": row["platform"] in MACHINES,
        "python-version": f"pypy{python}" if row["implementation"] == "pypy" else python,
        "architecture": machine.architecture,
        "platform": row["platform"],
        "groups": " ".join(row["groups"]),
        "extras": " ".join(row["extras"]),
    }


def gitlab(configurations: Sequence[Configuration]) -> str:
    """Return a pipeline with one hidden job to extend, as JSON, which is also YAML.

    Values are few and short, because GitLab makes them part of each job's name. If a name is too
    long, GitLab creates no pipeline and reports no error.
    """
    matrix = [
        {
            "LOCKGUARD_CONFIG": row["name"],
            "LOCKGUARD_RUNNER": MACHINES.get(row["platform"], ANY).tag or ANY.tag,
            "LOCKGUARD_PYTHON": _requested(row),
            "LOCKGUARD_PLATFORM": row["platform"],
        }
        for row in rows(configurations)
    ]
    return json.dumps({".lockguard": {"parallel": {"matrix": matrix}}}, indent=2)


FORMATS: Mapping[str, Callable[[Sequence[Configuration]], str]] = {
    "json": as_json,
    "github": github,
    "gitlab": gitlab,
}


def _requested(row: Mapping[str, Any]) -> str:
    """Return ``3.11`` for the target's ``3.11.0``: any patch release is fine."""
    suffix = "t" if row["implementation"] == FREE_THREADED else ""
    return str(row["python"]).removesuffix(".0") + suffix
