"""What a CycloneDX document of these pins says, as ``lock_cyclonedx`` and its library write it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from poetry_lockguard.exports.bills.bill_roots import HASH_NAMES, roots
from poetry_lockguard.exports.file_seal import NO_SERIAL
from poetry_lockguard.exports.quick.installer_files import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from poetry_lockguard.exports.quick.index_pins import IndexPin
    from poetry_lockguard.exports.quick.placing import MarkedPin

_FILE = """\
        {
          "hashes": [
            {
              "alg": "%s",
              "content": "%s"
            }
          ],
          "type": "distribution",
          "url": "%s"
        }"""
_ROOT = """\
  "metadata": {{
    "component": {{
      "bom-ref": {},
      "name": {},
      "type": "application"
    }}
  }},
"""
_TAIL = """\
  "serialNumber": "urn:uuid:{}",
  "version": 1,
  "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
  "bomFormat": "CycloneDX",
  "specVersion": "1.6"
}}
"""

_STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrtu])*"'
_LICENCE = rf'          "license": \{{\n            "(?:id|name)": {_STRING}\n          \}}\n'


def bill(project: str, pins: Sequence[MarkedPin], known: str) -> str:
    """Return the document for a project of this name, with NO_SERIAL.

    Which of several versions of a package another one needs is taken from the ``known`` text.
    """
    ordered = sorted(pins, key=lambda one: (one.pin.name, one.pin.version))
    root = f"project:{project}"
    parts = [
        '{\n  "components": [',
        ",\n".join("".join(_component(one)) for one in ordered),
        '  ],\n  "dependencies": [',
        ",\n".join(_dependencies(_needed(pins, root, known))),
        "  ],",
        _ROOT.format(_quoted(root), _quoted(project)) + _TAIL.format(NO_SERIAL),
    ]
    return "\n".join(parts)


def _reference(pin: IndexPin) -> str:
    return f"{pin.name}@{pin.version}"


def without_licences(text: str) -> str:
    """Return a document without the licences of its components, which no lock has."""
    return _of_component().sub("", text) if '"licenses"' in text else text


def _quoted(text: str) -> str:
    """Write a JSON string, as ``json.dumps`` does, which few files need."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    import json

    return json.dumps(text)


def _needed(pins: Sequence[MarkedPin], root: str, known: str) -> dict[str, list[str]]:
    """Return what each reference depends on, and the root on what nothing else does."""
    by_name: dict[str, list[str]] = {}
    for one in pins:
        by_name.setdefault(one.pin.name, []).append(_reference(one.pin))
    before = _known(known) if len(by_name) < len(pins) else {}
    found = {}
    for one in pins:
        ref = _reference(one.pin)
        versions = [by_name[name] for name in one.pin.needs if name in by_name]
        found[ref] = sorted(
            other
            for refs in versions
            for other in refs
            if len(refs) == 1 or other in before.get(ref, ())
        )
    return found | {root: sorted(roots(found))}


def _known(text: str) -> dict[str, list[str]]:
    """Return what each reference depends on in a document."""
    import json

    table = text.partition('\n  "dependencies": ')[2].partition(',\n  "metadata": ')[0]
    try:
        return {one["ref"]: one.get("dependsOn", ()) for one in json.loads(table)}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _dependencies(needed: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for ref, others in sorted(needed.items()):
        inner = ",\n".join(f"        {_quoted(other)}" for other in others)
        listed = f'      "dependsOn": [\n{inner}\n      ],\n' if inner else ""
        yield f'    {{\n{listed}      "ref": {_quoted(ref)}\n    }}'


def _component(one: MarkedPin) -> Iterator[str]:
    pin = one.pin
    yield f'    {{\n      "bom-ref": "{_reference(pin)}",\n'
    if files := ",\n".join(_files(pin)):
        yield f'      "externalReferences": [\n{files}\n      ],\n'
    yield f'      "name": "{pin.name}",\n'
    if one.marker:
        value = _quoted(one.marker)
        yield (
            '      "properties": [\n        {\n          "name": "poetry:marker",\n'
            f'          "value": {value}\n        }}\n      ],\n'
        )
    yield f'      "purl": "{_address(pin)}",\n      "type": "library",\n'
    yield f'      "version": "{pin.version}"\n    }}'


def _files(pin: IndexPin) -> Iterator[str]:
    for name, digest in pin.files:
        kind, _, content = digest.partition(":")
        if kind in HASH_NAMES:
            yield _FILE % (HASH_NAMES[kind], content, name)


@cache
def _of_component() -> re.Pattern[str]:
    return re.compile(
        r'\n      "licenses": \[\n        \{\n(?:'
        rf'          "expression": {_STRING}\n|'
        rf"(?:{_LICENCE}        \}},\n        \{{\n)*{_LICENCE}"
        r")        \}\n      \],(?=\n)"
    )


def _address(pin: IndexPin) -> str:
    """Return the package URL of a pin."""
    version = pin.version.replace("!", "%21").replace("+", "%2B")
    plain = f"pkg:pypi/{pin.name}@{version}"
    if pin.url is None:
        return plain
    from urllib.parse import quote

    return f"{plain}?repository_url={quote(public(pin.url)).replace('%3A', ':')}"
