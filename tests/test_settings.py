"""``[tool.lockguard]``: what is right is kept, what is wrong is named, all of it at once."""

from __future__ import annotations

import pytest

from poetry_lockguard import toml
from poetry_lockguard.errors import SettingsError
from poetry_lockguard.settings import Settings, parse

WHOLE = """
guard = "fix"
mirrors = ["https://mirror.example/simple/", "auto"]
strategies = ["relock", "regenerate"]
timeout = 90
min-poetry = "2.1"
snapshot = "locks/all.lock"

[matrix]
python = ["3.11", "3.12"]
platform = ["linux-x86_64"]
extras = [[], ["gpu"]]
exclude = [{ platform = "macos-arm64", extras = ["gpu"] }]

[configurations.legacy]
python = "3.10.4"
implementation = "cpython"
platform = "manylinux_2_17_x86_64"
groups = ["main", "dev"]
extras = []
"""

STRATEGIES = "offline, relock, salvage, regenerate"
WRONG = {
    "unknown key": ("mirror = []", "mirror: unknown key; the nearest known one is mirrors"),
    "underscore": (
        'min_poetry = "2.0"',
        "min_poetry: unknown key; the nearest known one is min-poetry",
    ),
    "guard": ('guard = "on"', 'guard: expected one of off, check, fix, not "on"'),
    "guard of a wrong type": ("guard = []", "guard: expected one of off, check, fix, not []"),
    "mirrors as a string": (
        'mirrors = "auto"',
        'mirrors: expected a list of URLs and "auto", not "auto"',
    ),
    "mirror of another scheme": (
        'mirrors = ["ftp://name:secret@mirror.example/"]',
        'mirrors[0]: expected an http or https URL or "auto", not "ftp://***@mirror.example/"',
    ),
    "mirror that nothing looks for": (
        'mirrors = ["Auto"]',
        'mirrors[0]: expected an http or https URL or "auto", not "Auto"',
    ),
    "mirror with a slash in its password": (
        'mirrors = ["http://name:s3cr/et@mirror.example/"]',
        'mirrors[0]: expected an http or https URL or "auto", not "http://***@mirror.example/"',
    ),
    "mirror with a token": (
        'mirrors = ["https://mirror.example/simple?token=s3cret"]',
        'mirrors[0]: expected an http or https URL or "auto", not "https://mirror.example/simple?***"',
    ),
    "mirror without host": (
        'mirrors = ["https:///simple"]',
        'mirrors[0]: expected an http or https URL or "auto", not "https:///simple"',
    ),
    "strategy": (
        'strategies = ["relocks"]',
        f'strategies[0]: expected one of {STRATEGIES}, not "relocks"',
    ),
    "strategies as a table": (
        "strategies = {}",
        f"strategies: expected a list of {STRATEGIES}, not {{}}",
    ),
    "no strategy": ("strategies = []", f"strategies: expected at least one of {STRATEGIES}"),
    "strategy twice": (
        'strategies = ["relock", "relock"]',
        "strategies: expected each strategy once",
    ),
    "timeout in words": (
        'timeout = "ten"',
        'timeout: expected a positive number of seconds, not "ten"',
    ),
    "no time": ("timeout = 0", "timeout: expected a positive number of seconds, not 0"),
    "boolean time": ("timeout = true", "timeout: expected a positive number of seconds, not true"),
    "endless": ("timeout = inf", "timeout: expected a positive number of seconds, not Infinity"),
    "version as a number": (
        "min-poetry = 2.1",
        'min-poetry: expected a version of Poetry, such as "2.0", not 2.1',
    ),
    "version in words": (
        'min-poetry = "newest"',
        'min-poetry: expected a version of Poetry, such as "2.0", not "newest"',
    ),
    "snapshot elsewhere": (
        'snapshot = "../lockguard.lock"',
        'snapshot: expected the relative path of a separate file, not "../lockguard.lock"',
    ),
    "snapshot on a drive": (
        "snapshot = 'C:\\lock'",
        'snapshot: expected the relative path of a separate file, not "C:\\\\lock"',
    ),
    "snapshot among git's own files": (
        'snapshot = ".git/hooks/pre-commit"',
        'snapshot: expected the relative path of a separate file, not ".git/hooks/pre-commit"',
    ),
    "snapshot among git's own files, on Windows": (
        "snapshot = 'a\\GIT~1\\config'",
        'snapshot: expected the relative path of a separate file, not "a\\\\GIT~1\\\\config"',
    ),
    "snapshot of two lines": (
        'snapshot = "a\\nb"',
        'snapshot: expected the relative path of a separate file, not "a\\nb"',
    ),
    "snapshot over the lock": (
        'snapshot = "poetry.lock"',
        'snapshot: expected the relative path of a separate file, not "poetry.lock"',
    ),
    "matrix as a list": ("matrix = []", "matrix: expected a table, not []"),
    "axis": (
        "matrix = { pythons = [] }",
        "matrix.pythons: unknown key; the nearest known one is python",
    ),
    "Python as a number": (
        "matrix = { python = [3.11] }",
        "matrix.python[0]: expected a string, not 3.11",
    ),
    "extras not nested": (
        'matrix = { extras = ["gpu"] }',
        'matrix.extras[0]: expected a list of strings, not "gpu"',
    ),
    "exclude": (
        'matrix = { exclude = [{ platforms = "x" }] }',
        "matrix.exclude[0].platforms: unknown key; the nearest known one is platform",
    ),
    "configuration": (
        'configurations = { old = "3.9" }',
        'configurations.old: expected a table, not "3.9"',
    ),
    "configurations as a list": (
        "configurations = []",
        "configurations: expected a table of tables, not []",
    ),
    "key of a configuration": (
        "configurations = { old = { extra = [] } }",
        "configurations.old.extra: unknown key; the nearest known one is extras",
    ),
}


def test_an_empty_table_gives_the_defaults() -> None:
    assert parse({}, "pyproject.toml") == Settings()


def test_a_whole_table_is_kept() -> None:
    settings = parse(toml.loads(WHOLE), "pyproject.toml")

    assert settings == Settings(
        guard="fix",
        mirrors=("https://mirror.example/simple/", "auto"),
        strategies=("relock", "regenerate"),
        timeout=90.0,
        min_poetry="2.1",
        snapshot="locks/all.lock",
        matrix={
            "python": ["3.11", "3.12"],
            "platform": ["linux-x86_64"],
            "extras": [[], ["gpu"]],
            "exclude": [{"platform": "macos-arm64", "extras": ["gpu"]}],
        },
        configurations={
            "legacy": {
                "python": "3.10.4",
                "implementation": "cpython",
                "platform": "manylinux_2_17_x86_64",
                "groups": ["main", "dev"],
                "extras": [],
            }
        },
    )


@pytest.mark.parametrize(("text", "mistake"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_named(text: str, mistake: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(toml.loads(text), "pyproject.toml")

    assert str(caught.value) == (
        f"pyproject.toml: [tool.lockguard] has a mistake; correct it:\n  {mistake}"
    )


def test_all_mistakes_are_named_at_once() -> None:
    text = 'guard = "on"\nmirror = []\ntimeout = -1\n[matrix]\npython = "3.11"'

    with pytest.raises(SettingsError) as caught:
        parse(toml.loads(text), "tools/pyproject.toml")

    assert str(caught.value) == (
        "tools/pyproject.toml: [tool.lockguard] has 4 mistakes; correct them:\n"
        '  guard: expected one of off, check, fix, not "on"\n'
        "  mirror: unknown key; the nearest known one is mirrors\n"
        "  timeout: expected a positive number of seconds, not -1\n"
        '  matrix.python: expected a list of strings, not "3.11"'
    )


def test_settings_that_are_no_table_are_a_mistake() -> None:
    with pytest.raises(SettingsError) as caught:
        parse("fix", "pyproject.toml")

    assert str(caught.value) == (
        'pyproject.toml: [tool.lockguard] has a mistake; correct it:\n  expected a table, not "fix"'
    )
