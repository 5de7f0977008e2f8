"""The licences of packages: what their metadata declares, and what a CycloneDX document says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import PackageMetadata

_LONGEST = 100  #: characters of a licence's name; older metadata may have the whole text there
_KINDS = ("id", "name")
_CLASSIFIER = "License :: "
#: the classifiers that name one licence of the SPDX list; most leave its version open
_SPDX = {
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
}


class Licence(NamedTuple):
    """A licence: the ``id`` of the SPDX list, its ``name``, or an ``expression`` of such ids."""

    kind: Literal["id", "name", "expression"]
    text: str


Licences = tuple[Licence, ...]


def declared_licences(metadata: PackageMetadata) -> Licences:
    """Return what a distribution's metadata declares: the expression (PEP 639), or what is older.

    Of the older fields, the licence's own counts unless it holds a whole text, then classifiers.
    """
    for field in ("License-Expression", "License"):
        text = "".join((metadata.get_all(field) or ())[:1]).strip()
        if text and text.upper() != "UNKNOWN" and text.isprintable() and len(text) <= _LONGEST:
            return (_licence(text),)
    classifiers = map(str, metadata.get_all("Classifier") or ())
    named = {one.rpartition(" :: ")[2] for one in classifiers if one.startswith(_CLASSIFIER)}
    return tuple(sorted(_classified(name) for name in named if _is_licence(name)))


def _licence(text: str) -> Licence:
    try:
        expression = canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return _classified(text)
    from cyclonedx.spdx import is_supported_id

    return Licence("id" if is_supported_id(expression) else "expression", expression)


def _is_licence(name: str) -> bool:
    return name.isprintable() and 0 < len(name) <= _LONGEST and name != "OSI Approved"


def _classified(name: str) -> Licence:
    return Licence("id", _SPDX[name]) if name in _SPDX else Licence("name", name)


def known_licences(text: str) -> dict[str, Licences]:
    """Return the licences in a CycloneDX document by package URL; nothing from another file."""
    import json

    try:
        components = json.loads(text)["components"]
        return {one["purl"]: (*_licences(one["licenses"]),) for one in components if _has(one)}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _has(component: dict[str, Any]) -> bool:
    return bool(component.get("licenses"))


def _licences(tables: Iterable[dict[str, Any]]) -> Iterator[Licence]:
    for table in tables:
        if "expression" in table:
            yield Licence("expression", str(table["expression"]))
            continue
        licence = table["license"]
        yield from (Licence(kind, str(licence[kind])) for kind in _KINDS if kind in licence)  # type: ignore[arg-type]
