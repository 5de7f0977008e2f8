"""The configurations of a snapshot, in the form in which they are resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.snapshots.origins import Index, PyPI
from poetry_lockguard.targets.configuration import Configuration
from poetry_lockguard.targets.target import Target
from poetry_lockguard.targets.variant import NO_VARIANT, PYPI, Variant, VariantSource
from poetry_lockguard.urls import without_secrets

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.document import ConfigurationEntry, Snapshot


def of_snapshot(snapshot: Snapshot | None) -> dict[str, Configuration]:
    """Return the configurations of a snapshot, by name."""
    entries = {} if snapshot is None else snapshot.configurations
    return {name: from_entry(name, entry) for name, entry in entries.items()}


def from_entry(name: str, entry: ConfigurationEntry) -> Configuration:
    """Return a configuration of a snapshot."""
    target = entry.target
    return Configuration(
        name=name,
        target=Target(
            python=target.python,
            implementation=target.implementation,
            platform=target.platform,
            markers=dict(target.environment),
        ),
        groups=entry.groups,
        extras=entry.extras,
        variant=_variant(entry),
    )


def _variant(entry: ConfigurationEntry) -> Variant:
    if not (entry.sources or entry.constraints):
        return NO_VARIANT
    sources = sorted((name, _named(source)) for name, source in entry.sources.items())
    return Variant(sources=tuple(sources), constraints=entry.constraints)


def _named(source: Index | PyPI) -> VariantSource:
    match source:
        case Index(name=name, url=url):
            return VariantSource(name, url)
        case PyPI():
            return VariantSource(PYPI)


def variant_sources(variant: Variant) -> dict[str, Index | PyPI]:
    """Return the sources of a variant in the form of a snapshot."""
    return {
        name: Index(name=source.name, url=without_secrets(source.url)) if source.url else PyPI()
        for name, source in variant.sources
    }
