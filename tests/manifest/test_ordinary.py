"""What Poetry refuses is refused, in any table, and Poetry refuses nothing that is ordinary."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit
from poetry.factory import Factory

from poetry_lockguard.manifest.document import Manifest
from poetry_lockguard.manifest.ordinary import is_ordinary
from poetry_lockguard.manifest.refusals import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Path_ = tuple[str | int, ...]

PROJECT: dict[str, Any] = {
    "name": "demo",
    "version": "1.0",
    "description": "one line",
    "readme": "README.rst",
    "requires-python": ">=3.10",
    "license": "MIT",
    "license-files": [],
    "authors": [{"name": "A", "email": "a@mirror.example"}],
    "maintainers": [{"email": "a@mirror.example"}],
    "keywords": ["one"],
    "classifiers": ["Topic :: Utilities"],
    "urls": {"Home": "https://mirror.example/"},
    "scripts": {"demo": "demo:main"},
    "gui-scripts": {"demo-gui": "demo:main"},
    "entry-points": {"demo.plugins": {"one": "demo:main"}},
    "dependencies": ["six>=1"],
    "optional-dependencies": {"fast": ["numpy>=1"]},
    "dynamic": ["version"],
}
POETRY: dict[str, Any] = {
    "package-mode": True,
    "name": "demo",
    "version": "1.0",
    "description": "one line",
    "keywords": ["one"],
    "homepage": "https://mirror.example/",
    "repository": "https://mirror.example/",
    "documentation": "https://mirror.example/",
    "license": "MIT",
    "authors": ["A <a@mirror.example>"],
    "maintainers": ["A <a@mirror.example>"],
    "readme": ["README.rst"],
    "classifiers": ["Topic :: Utilities"],
    "packages": [{"include": "demo", "from": "src", "format": "wheel"}],
    "include": ["a.txt", {"path": "b.txt", "format": ["sdist"]}],
    "exclude": ["c.txt"],
    "dependencies": {
        "python": ">=3.10",
        "six": "^1.16",
        "attrs": {"version": "*", "optional": True, "extras": ["x"], "markers": "os_name == 'nt'"},
        "several": [{"version": "1", "python": "<3.12"}, {"version": "2", "python": ">=3.12"}],
    },
    "extras": {"more": ["attrs"]},
    "group": {"dev": {"optional": True, "dependencies": {"pytest": "*"}}},
    "build": {"script": "build.py"},
    "scripts": {"demo": "demo:main", "file": {"reference": "bin/demo", "type": "file"}},
    "plugins": {"demo.plugins": {"one": "demo:main"}},
    "urls": {"Home": "https://mirror.example/"},
    "source": [{"name": "corp", "url": "https://mirror.example/simple/", "priority": "explicit"}],
    "requires-plugins": {"poetry-plugin-export": ">=1"},
}
GROUPS: dict[str, Any] = {"test": ["pytest", {"include-group": "lint"}], "lint": ["ruff"]}
WHOLE: tuple[dict[str, Any], ...] = (
    {"project": PROJECT, "tool": {"poetry": {}}},
    {"project": PROJECT, "dependency-groups": GROUPS},
    {"tool": {"poetry": POETRY}},
)
OTHERS: tuple[Any, ...] = (
    *(1, 1.5, True, "", "x", "1.0", ">=1", "https://mirror.example/", "python", "demo"),
    *([], ["a"], [1], [{"name": "x"}], [{"a": "b"}], {}, {"a": 1}, {"a": "b"}, {"a": ["b"]}),
)


def places(value: Any, above: Path_ = ()) -> Iterator[Path_]:
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield (*above, key)
        yield from places(value[key], (*above, key))


def changed(data: dict[str, Any], drawn: random.Random) -> dict[str, Any]:
    """Return a manifest of which one value is another, is gone, or has a new key beside it."""
    new = deepcopy(data)
    *above, last = drawn.choice([place for place in places(new) if len(place) > 1])
    table: Any = new
    for key in above:
        table = table[key]
    match drawn.randrange(6):
        case 0:
            del table[last]
        case 1 if isinstance(table, dict):
            table["new-key"] = drawn.choice(OTHERS)
        case _:
            table[last] = drawn.choice(OTHERS)
    return new


def poetrys_answer(data: dict[str, Any], folder: Path) -> str | None:
    """Return why the running Poetry does not load this manifest, or None."""
    (folder / "pyproject.toml").write_text(tomlkit.dumps(data))
    try:
        Factory().create_poetry(folder, disable_plugins=True)
    except Exception as error:  # noqa: BLE001 - Poetry raises whatever it stumbles over
        return " ".join(str(error).split()) or repr(error)
    return None


#: what is no matter of a manifest's tables: requirements are read, and judged, on their own
ELSEWHERE = (
    *("version constraint", "requirement is invalid", "No terminal", "Unexpected"),
    *("git url", "not defined"),
)


@pytest.mark.parametrize("count", [25, pytest.param(500, marks=pytest.mark.slow)])
def test_poetry_refuses_the_same_manifests(count: int, tmp_path: Path) -> None:
    drawn = random.Random(count)
    for whole in WHOLE * count:
        data = changed(whole, drawn)

        answer = poetrys_answer(data, tmp_path)
        reasons = refusals(data)

        assert not (reasons and is_ordinary(Manifest(tmp_path / "pyproject.toml", data))), data
        if answer is None or not any(word in answer for word in ELSEWHERE):
            assert bool(reasons) == (answer is not None), (answer, reasons, data)


@pytest.mark.parametrize("whole", WHOLE)
def test_a_whole_manifest_is_not_refused(whole: dict[str, Any], tmp_path: Path) -> None:
    assert poetrys_answer(whole, tmp_path) is None
    assert refusals(whole) == []


@pytest.mark.parametrize("whole", WHOLE[1:])
def test_a_manifest_of_every_ordinary_table_is_ordinary(
    whole: dict[str, Any], tmp_path: Path
) -> None:
    known = deepcopy(whole)
    known.get("project", {}).pop("entry-points", None)

    assert is_ordinary(Manifest(tmp_path / "pyproject.toml", known))


REFUSED = {
    "a key that no Poetry knows": ({"tool": {"poetry": {**POETRY, "sources": []}}}, "sources"),
    "a source's old key": (
        {
            "tool": {
                "poetry": {**POETRY, "source": [{"name": "a", "url": "https://x", "default": True}]}
            }
        },
        "default",
    ),
    "a source's old priority": (
        {"tool": {"poetry": {**POETRY, "source": [{"name": "PyPI", "priority": "default"}]}}},
        "priority",
    ),
    "two sources of one name": (
        {"tool": {"poetry": {**POETRY, "source": POETRY["source"] * 2}}},
        "two sources are named corp",
    ),
    "itself": ({"tool": {"poetry": {**POETRY, "dependencies": {"Demo": "*"}}}}, "requires itself"),
    "groups that are no lists": ({"project": PROJECT, "dependency-groups": {"a": 1}}, "array"),
}


@pytest.mark.parametrize(("data", "word"), REFUSED.values(), ids=REFUSED)
def test_what_poetry_refuses_is_named(data: dict[str, Any], word: str, tmp_path: Path) -> None:
    assert poetrys_answer(data, tmp_path) is not None
    assert any(word in reason for reason in refusals(data))
