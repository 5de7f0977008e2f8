"""Decides, without importing Poetry, whether Poetry certainly loads a manifest.

A lock is useless with a manifest that Poetry refuses, but Poetry's own validation takes longer
than the whole check. So Poetry validates only the manifests that are not certain here: whatever
is not known to be valid, a key that this module does not know included, is left to Poetry. That
goes for requirements, too: a lock with the right hash can be made for any text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poetry_lockguard.manifest import certain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from poetry_lockguard.manifest.document import Manifest

    Shape = Callable[[Any], bool]

_VERSION = re.compile(
    r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}(?:[-.]?(?:alpha|beta|preview|pre|a|b|rc)\.?[0-9]{1,9})?"
    r"(?:\.post[0-9]{1,9})?(?:[-.]?dev[0-9]{0,9})?"
)
_LONG = 200
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_SCHEMES = ("https://", "http://")
_SQUASHED = str.maketrans("", "", "-_.")


def is_ordinary(manifest: Manifest) -> bool:
    """Whether every table that Poetry validates certainly is as Poetry requires."""
    data, project, poetry = manifest.data, manifest.project, manifest.poetry
    if "project" in data and not ("name" in project and _IS_PROJECT(project)):
        return False
    if not (_IS_POETRY(poetry) and _IS_GROUPS(data.get("dependency-groups", {}))):
        return False
    needs_names = poetry.get("package-mode", True)
    return (
        all(project.get(key) or poetry.get(key) for key in ("name", "version") if needs_names)
        and _are_plain_groups(data.get("dependency-groups", {}), poetry.get("group", {}))
        and not _needs_itself(manifest.name, poetry)
    )


def _are_plain_groups(standard: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether no two groups have the same name, and included groups exist and include nothing."""
    names = {*standard, *own}
    including = {
        *(name for name, needs in standard.items() if any(type(need) is dict for need in needs)),
        *(name for name, group in own.items() if "include-groups" in group),
    }
    included = [
        *(need["include-group"] for needs in standard.values() for need in needs if _is_dict(need)),
        *(name for group in own.values() for name in group.get("include-groups", [])),
    ]
    return (
        len(_squashed(names)) == len(names)
        and names.issuperset(included)
        and including.isdisjoint(included)
    )


def _needs_itself(name: str | None, poetry: dict[str, Any]) -> bool:
    """Whether a requirement may have the project's own name, which Poetry refuses."""
    tables = requirement_tables(poetry)
    return name is not None and any(_squashed([name]) & _squashed(table) for table in tables)


def requirement_tables(poetry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of requirements in a valid ``[tool.poetry]``."""
    groups = [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    return [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {}), *groups]


def _squashed(names: Iterable[str]) -> set[str]:
    """Return names of which two are equal if they are equal when normalized, or nearly."""
    return {name.translate(_SQUASHED).lower() for name in names}


def _is_text(value: object) -> bool:
    return type(value) is str


def _is_flag(value: object) -> bool:
    return type(value) is bool


def _is_list(value: object) -> bool:
    return type(value) is list


def _is_dict(value: object) -> bool:
    return type(value) is dict


def _is_project_name(value: Any) -> bool:
    return _is_word(value) and value[0].isalnum() and value[-1].isalnum() and len(value) < _LONG


def _is_version(value: Any) -> bool:
    return _is_text(value) and _VERSION.fullmatch(value) is not None


def _is_word(value: Any) -> bool:
    """Whether this may name a package, a group or an extra."""
    return _is_text(value) and value != "" and _LETTERS.issuperset(value)


def _is_line(value: Any) -> bool:
    return _is_text(value) and value != "" and "\n" not in value


def _is_address(value: Any) -> bool:
    is_one = _is_text(value) and value.startswith(_SCHEMES) and len(value.split()) == 1
    return is_one and "[" not in value and "]" not in value


def _is_email(value: Any) -> bool:
    if not _is_text(value) or value.count("@") != 1:
        return False
    user, _, host = value.partition("@")
    return user != "" and "." in host[1:-1]


def _is_constraint(value: Any) -> bool:
    return _is_text(value) and certain.is_constraint(value)


def _is_python_range(value: Any) -> bool:
    return _is_text(value) and certain.is_python_range(value)


def _is_marker(value: Any) -> bool:
    return _is_text(value) and certain.is_marker(value)


def _is_needed(value: Any) -> bool:
    return _is_text(value) and (certain.is_requirement(value) or _is_direct(value))


def _is_direct(text: str) -> bool:
    """Whether this is certainly a requirement with an address; others do not pay for the look."""
    if "@" not in text:
        return False
    from poetry_lockguard.manifest.certain_origins import is_direct

    return is_direct(text)


def _is_repository(value: Any) -> bool:
    return _is_text(value) and certain.is_repository(value)


def _is_path(value: Any) -> bool:
    return _is_text(value) and 0 < len(value) < _LONG and value.isprintable()


def _is_url(value: Any) -> bool:
    return _is_text(value) and certain.is_url(value)


def _one_of(*values: object) -> Shape:
    return lambda value: type(value) is str and value in values


def _either(*shapes: Shape) -> Shape:
    return lambda value: any(shape(value) for shape in shapes)


def _list_of(shape: Shape) -> Shape:
    return lambda value: type(value) is list and all(map(shape, value))


def _dict_of(shape: Shape, key: Shape = _is_word) -> Shape:
    return lambda value: (
        type(value) is dict and all(map(key, value)) and all(map(shape, value.values()))
    )


def _table(fields: Mapping[str, Shape], *required: str) -> Shape:
    """Return whether a value is a table with no other than these fields, and all required ones."""
    return lambda value: (
        type(value) is dict
        and all(key in value for key in required)
        and all(key in fields and fields[key](each) for key, each in value.items())
    )


_IS_TEXTS = _list_of(_is_text)
_IS_FORMAT = _one_of("sdist", "wheel")
_IS_FORMATS = _either(_IS_FORMAT, _list_of(_IS_FORMAT))
_IS_PERSONS = _either(
    _list_of(_table({"name": _is_text, "email": _is_email}, "name")),
    _list_of(_table({"email": _is_email}, "email")),
)
_OPTIONS: dict[str, Shape] = {
    "python": _is_python_range,
    "platform": _is_word,
    "markers": _is_marker,
    "optional": _is_flag,
    "extras": _IS_TEXTS,
}
_FOLDER: dict[str, Shape] = {"subdirectory": _is_text, **_OPTIONS}
_EARLY: dict[str, Shape] = {"allow-prereleases": _is_flag, "allows-prereleases": _is_flag}
_CHOICE: dict[str, Shape] = {"source": _is_text, **_EARLY, **_OPTIONS}
_GIT: dict[str, Shape] = {"branch": _is_text, "tag": _is_text, "rev": _is_text, **_FOLDER}
_ONLY_OPTIONS: dict[str, Shape] = {
    "python": _is_python_range,
    "platform": _is_word,
    "markers": _is_marker,
    "source": _is_text,
    **dict.fromkeys(("allow-prereleases", "develop"), _is_flag),
}
_IS_REQUIREMENT = _either(
    _is_constraint,
    _table({"version": _is_constraint, **_CHOICE}, "version"),
    _table({"git": _is_repository, "develop": _is_flag, **_EARLY, **_GIT}, "git"),
    _table({"path": _is_path, "develop": _is_flag, **_FOLDER}, "path"),
    _table({"url": _is_url, **_FOLDER}, "url"),
    _table({"file": _is_path, **_FOLDER}, "file"),
    _table(_ONLY_OPTIONS),
)
is_requirement: Shape = _either(
    _IS_REQUIREMENT, lambda value: value != [] and _list_of(_IS_REQUIREMENT)(value)
)
_IS_REQUIREMENTS = _dict_of(is_requirement)
_GROUP: dict[str, Shape] = {
    "dependencies": _IS_REQUIREMENTS,
    "optional": _is_flag,
    "include-groups": _IS_TEXTS,
}
_IS_GROUP = _either(*(_table(_GROUP, key) for key in _GROUP))
_IS_GROUPS = _dict_of(
    _list_of(_either(_is_needed, _table({"include-group": _is_text}, "include-group")))
)
_IS_SCRIPT = _either(
    _is_text,
    _table(
        {"reference": _is_text, "type": _one_of("file", "console"), "extras": _IS_TEXTS},
        "reference",
        "type",
    ),
)
_IS_SOURCE = _table(
    {
        "name": _is_word,
        "url": _is_address,
        "priority": _one_of("primary", "supplemental", "explicit"),
        "links": _is_flag,
        "indexed": _is_flag,
    },
    "name",
    "url",
)


def _are_sources(value: Any) -> bool:
    """Whether these are sources of different names, none of them PyPI."""
    if not _list_of(_IS_SOURCE)(value):
        return False
    names = [source["name"].lower() for source in value]
    return "pypi" not in names and len(set(names)) == len(names)


_DYNAMIC = (
    *("version", "description", "readme", "requires-python", "license", "license-files"),
    *("authors", "maintainers", "keywords", "classifiers", "urls", "scripts", "gui-scripts"),
    *("entry-points", "dependencies", "optional-dependencies"),
)
_FILE = {"content-type": _is_text, "file": _is_text}
_TEXT = {"content-type": _is_text, "text": _is_text}
_IS_TEXT = _table({"text": _is_text}, "text")
_IS_PROJECT = _table(
    {
        "name": _is_project_name,
        "version": _is_version,
        "description": _is_text,
        "readme": _either(_is_text, _table(_FILE, *_FILE), _table(_TEXT, *_TEXT)),
        "requires-python": _is_constraint,
        "license": _either(
            _is_line, _table({"file": _is_text}, "file"), _table({"text": _is_text}, "text")
        ),
        "license-files": _IS_TEXTS,
        "authors": _IS_PERSONS,
        "maintainers": _IS_PERSONS,
        "keywords": _IS_TEXTS,
        "classifiers": _IS_TEXTS,
        "urls": _dict_of(_is_address, _is_text),
        "scripts": _dict_of(_is_text, _is_text),
        "gui-scripts": _dict_of(_is_text, _is_text),
        "dependencies": _list_of(_is_needed),
        "optional-dependencies": _dict_of(_list_of(_is_needed)),
        "dynamic": _list_of(_one_of(*_DYNAMIC)),
    }
)
_IS_POETRY = _table(
    {
        "package-mode": _is_flag,
        "name": _is_project_name,
        "version": _is_version,
        "description": lambda value: _is_text(value) and "\n" not in value,
        "keywords": _IS_TEXTS,
        "homepage": _is_address,
        "repository": _is_address,
        "documentation": _is_address,
        "license": _is_line,
        "authors": _IS_TEXTS,
        "maintainers": _IS_TEXTS,
        "readme": _either(_is_text, _IS_TEXTS),
        "classifiers": _IS_TEXTS,
        "packages": _list_of(
            _table(
                {"include": _is_text, "from": _is_text, "to": _is_text, "format": _IS_FORMATS},
                "include",
            )
        ),
        "include": _list_of(
            _either(_is_text, _table({"path": _is_text, "format": _IS_FORMATS}, "path"))
        ),
        "exclude": _IS_TEXTS,
        "dependencies": lambda value: (
            _IS_REQUIREMENTS(value) and _is_constraint(value.get("python", "*"))
        ),
        "dev-dependencies": _IS_REQUIREMENTS,
        "extras": _dict_of(_list_of(_is_word)),
        "group": _dict_of(_IS_GROUP),
        "build": _either(_is_text, _table({"script": _is_text, "generate-setup-file": _is_flag})),
        "scripts": _dict_of(_IS_SCRIPT),
        "plugins": _dict_of(_dict_of(_is_text)),
        "urls": _dict_of(_is_text, _is_text),
        "source": _are_sources,
        "requires-poetry": _is_constraint,
        "requires-plugins": _IS_REQUIREMENTS,
    }
)
