"""A snapshot with every kind of value, and the seal of a changed one."""

from __future__ import annotations

import json
from typing import Any

from snapshot_values import (
    ENGINE,
    PRIVATE,
    SOURCES,
    configuration,
    entry,
    resolved,
    target,
)

from poetry_lockguard.snapshots.document import Installed, Snapshot
from poetry_lockguard.snapshots.format import canonical

NAMES = dict(zip("abcdefg", SOURCES, strict=True))
RICH = Snapshot(
    project=ENGINE.project,
    configurations={
        "x": configuration(
            {
                name: resolved(source=source, resolved_by="a" if name == "b" else "root")
                for name, source in NAMES.items()
            },
            sources={"b": PRIVATE},
            constraints=("a (<2)", "b (==1.*) ; sys_platform == 'linux'"),
            extras=("fast",),
            groups=("main", "dev"),
            installed={"a": Installed(version="1.0", source=None)},
        ),
        "y": configuration({"a": resolved()}, target=target("3.12.1")),
    },
    packages={
        name: (entry(source=source, dependencies=("b (>=1.0) ; extra == 'x'",)),)
        for name, source in NAMES.items()
    },
    generated=ENGINE.generated,
    generator=ENGINE.generator,
)


def sealed(text: str) -> str:
    """Return a snapshot with the seal that it should have, if it can be read at all."""
    try:
        document: dict[str, Any] = json.loads(text)
        document["sha256"] = canonical.seal(document)
        return canonical.written(document).decode()
    except (ValueError, TypeError, AttributeError):
        return text
