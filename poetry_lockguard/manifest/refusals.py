"""Finds what makes Poetry refuse to load a project, so that its lock is not blamed for it."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from poetry_lockguard.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.manifest.document import Manifest

_MOST = 3


def must_load(manifest: Manifest) -> None:
    """Raise ManifestError, with the first reasons, if Poetry would not load the project.

    What Poetry only warns about (a missing README, deprecated fields) is ignored here.
    """
    reasons = refusals(manifest.data)
    if reasons:
        listed = "; ".join(reasons[:_MOST])
        raise ManifestError(f"{manifest.path}: Poetry refuses it: {listed}; correct it")


def refusals(data: dict[str, Any]) -> list[str]:
    """Return what the running Poetry finds invalid in a manifest's TOML data, one phrase each."""
    from poetry.core.factory import Factory

    own = [*_wrong_groups(data), *_wrong_sources(data)]
    if own:  # poetry-core would raise for some of them
        return own
    found = Factory.validate(deepcopy(data))  # it writes defaults into its argument
    return [" ".join(reason.split()) for reason in found["errors"]]


def _wrong_groups(data: dict[str, Any]) -> Iterator[str]:
    groups = data.get("tool", {}).get("poetry", {}).get("group", {})
    if not isinstance(groups, dict):
        yield "tool.poetry.group must be a table"
        return
    for name, group in groups.items():
        if not (isinstance(group, dict) and isinstance(group.get("dependencies", {}), dict)):
            yield f"tool.poetry.group.{name} must be a table of tables"


def _wrong_sources(data: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the sources, in Poetry's words; poetry-core does not check them."""
    sources = data.get("tool", {}).get("poetry", {}).get("source", [])
    if not (isinstance(sources, list) and all(isinstance(source, dict) for source in sources)):
        yield "tool.poetry.source must be an array of tables"
        return
    for number, source in enumerate(sources):
        place = f"tool.poetry.source[{number}]"
        name, url = source.get("name"), source.get("url")
        if not isinstance(name, str):
            yield f"Missing [name] in {place}"
        elif name.lower() == "pypi":
            if "url" in source:
                yield f"{place} is PyPI, which takes no url"
        elif not isinstance(url, str):
            yield f"Missing [url] in source {name!r} ({place})"
