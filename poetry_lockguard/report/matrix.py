"""``matrix``: the configurations as continuous integration wants its jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from poetry_lockguard.targets.platforms import short_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from poetry_lockguard.targets.configuration import Configuration

RUNNERS = {  # GitHub's names for hosted machines that are of a platform
    "linux-x86_64": "ubuntu-latest",
    "linux-aarch64": "ubuntu-24.04-arm",
    "macos-arm64": "macos-latest",
    "macos-x86_64": "macos-15-intel",
    "windows-x86_64": "windows-latest",
    "windows-arm64": "windows-11-arm",
}
FALLBACK = "ubuntu-latest"  # resolving needs no machine of the platform itself


def rows(configurations: Sequence[Configuration]) -> list[dict[str, Any]]:
    """Give each configuration with the values it was declared by."""
    return [
        {
            "name": one.name,
            "python": one.target.python,
            "implementation": one.target.implementation,
            "platform": short_name(one.target.platform),
            "tag": one.target.platform,
            "groups": [*one.groups],
            "extras": [*one.extras],
        }
        for one in configurations
    ]


def as_json(configurations: Sequence[Configuration]) -> str:
    """Give the JSON document."""
    document = {
        "lockguard": 1,
        "command": "matrix",
        "status": "listed",
        "configurations": rows(configurations),
    }
    return json.dumps(document, indent=2)


def github(configurations: Sequence[Configuration]) -> str:
    """Give one line for ``strategy: matrix: ${{ fromJSON(…) }}``.

    ``python-version`` is in the words of actions/setup-python; lists are text, parted by spaces,
    for a matrix holds no lists.
    """
    include = [
        {
            "config": row["name"],
            "os": RUNNERS.get(row["platform"], FALLBACK),
            "python-version": _for_setup_python(row),
            "platform": row["platform"],
            "groups": " ".join(row["groups"]),
            "extras": " ".join(row["extras"]),
        }
        for row in rows(configurations)
    ]
    return json.dumps({"include": include})


def gitlab(configurations: Sequence[Configuration]) -> str:
    """Give a pipeline's YAML with one hidden job to extend; JSON is YAML, so this is both."""
    matrix = [
        {
            "LOCKGUARD_CONFIG": row["name"],
            "LOCKGUARD_PYTHON": _asked_for(row["python"]),
            "LOCKGUARD_PLATFORM": row["platform"],
            "LOCKGUARD_GROUPS": " ".join(row["groups"]),
            "LOCKGUARD_EXTRAS": " ".join(row["extras"]),
        }
        for row in rows(configurations)
    ]
    return json.dumps({".lockguard": {"parallel": {"matrix": matrix}}}, indent=2)


FORMATS: Mapping[str, Callable[[Sequence[Configuration]], str]] = {
    "json": as_json,
    "github": github,
    "gitlab": gitlab,
}


def _for_setup_python(row: Mapping[str, Any]) -> str:
    python = _asked_for(row["python"])
    return f"pypy{python}" if row["implementation"] == "pypy" else python


def _asked_for(python: str) -> str:
    """Give back ``3.11`` where the target says ``3.11.0``: any patch release will do."""
    return python.removesuffix(".0")
