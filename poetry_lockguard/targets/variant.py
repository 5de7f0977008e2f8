"""What a configuration asks for beside the manifest: other sources, other constraints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poetry_lockguard.urls import flaw, has_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PYPI = "pypi"


@dataclass(frozen=True, slots=True, order=True)
class VariantSource:
    """An index by its name; ``url`` is "" for PyPI."""

    name: str
    url: str = ""


NamedSources = tuple[tuple[str, VariantSource], ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """The sources of packages by normalized name, and the constraints, both sorted."""

    sources: NamedSources = ()
    constraints: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sources or self.constraints)


NO_VARIANT = Variant()


def variant(
    sources: Mapping[str, Any], constraints: Iterable[str], declared: Mapping[str, VariantSource]
) -> Variant:
    """Return the variant of a table that has no mistakes; ``declared`` are the manifest's sources.

    A source is the name of a declared one, a URL, or a table with a URL and perhaps a name.
    """
    from packaging.utils import canonicalize_name

    found = {canonicalize_name(name): _source(value, declared) for name, value in sources.items()}
    return Variant(
        sources=tuple(sorted(found.items(), key=lambda item: item[0])),
        constraints=tuple(sorted({_written(text) for text in constraints})),
    )


def source_mistakes(
    sources: Mapping[str, Any], place: str, declared: Mapping[str, VariantSource]
) -> Iterator[str]:
    """Yield what is wrong with the sources of a configuration."""
    for name, value in sources.items():
        below = f"{place}.{name}"
        if not _is_name(name):
            yield f"{below}: not the name of a package"
        elif isinstance(value, dict) or "://" in value:
            yield from _own_mistakes(value, below, declared)
        elif value.lower() not in {*declared, PYPI}:
            known = ", ".join(sorted(one.name for one in declared.values()))
            yield (
                f"{below}: pyproject.toml declares no source {value};"
                + (f" it declares {known};" if known else "")
                + " declare it in [[tool.poetry.source]], or give its url here"
            )


def _own_mistakes(value: Any, place: str, declared: Mapping[str, VariantSource]) -> Iterator[str]:
    """Yield what is wrong with a source that is declared for one configuration alone."""
    table = {"url": value} if isinstance(value, str) else value
    url, name = table.get("url"), table.get("name", "")
    if url is None:
        yield f"{place}: url is missing"
    elif has_credentials(url):
        yield f"{place}: contains credentials; set them with `poetry config http-basic.NAME`"
    elif reason := flaw(url):
        yield f"{place}: the url {reason}"
    elif name.lower() == PYPI or (name.lower() in declared and declared[name.lower()].url != url):
        yield f"{place}: {name} is the name of another source; choose another name"


def constraint_mistakes(constraints: Iterable[str], place: str) -> Iterator[str]:
    """Yield what is wrong with constraints: each narrows the versions of one package."""
    from packaging.requirements import Requirement

    for number, text in enumerate(constraints):
        below = f"{place}[{number}]"
        try:
            one = Requirement(text)
        except ValueError as error:
            reason = str(error).splitlines()[0]
            yield f'{below}: {text} is not a constraint such as "torch==2.9.*": {reason}'
            continue
        if one.url or one.extras or not one.specifier:
            yield f'{below}: {text} has no range of versions; expected one such as "torch==2.9.*"'


def clashing_sources(variants: Iterable[tuple[str, Variant]]) -> Iterator[str]:
    """Yield the sources of configurations, given with their places, that share a name alone."""
    known: dict[str, VariantSource] = {}
    for place, one in variants:
        for _, source in one.sources:
            first = known.setdefault(source.name.lower(), source)
            if first.url != source.url:
                yield (
                    f"{place}.sources: {source.name} is {source.url} here, but {first.url}"
                    " elsewhere; give one of them another name"
                )


def _source(value: Any, declared: Mapping[str, VariantSource]) -> VariantSource:
    if isinstance(value, str) and "://" not in value:
        return declared.get(value.lower(), VariantSource(PYPI))
    table = {"url": value} if isinstance(value, str) else value
    url = str(table["url"])
    return VariantSource(str(table.get("name") or _name_of(url)), url)


def _name_of(url: str) -> str:
    """Return a name for the source at a URL: its host and its path, in words."""
    import re

    place = url.partition("://")[2].removesuffix("/").removesuffix("/simple")
    return re.sub(r"[^A-Za-z0-9.]+", "-", place).strip("-.").lower()


def _written(text: str) -> str:
    """Return a constraint in one spelling, as a snapshot records it."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    one = Requirement(text)
    marker = f" ; {one.marker}" if one.marker else ""
    return f"{canonicalize_name(one.name)} ({one.specifier}){marker}"


def _is_name(text: str) -> bool:
    import re

    return re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", text) is not None
