"""The schemas: shipped, valid themselves, and as strict as the program.

What the tests of commands print and write is held to them wherever it is made: see ``conftest``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from published import mistakes
from readme import PAGES
from test_settings import WHOLE, WRONG

from poetry_lockguard import toml
from poetry_lockguard.schemas.schema_catalog import SCHEMAS, identity, schema_of
from poetry_lockguard.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

#: mistakes that only the program finds: what is wrong lies within a text, or a number is endless
BEYOND = {
    "mirror with a slash in its password",
    "mirror with a token",
    "endless",
    "snapshot among git's own files",
    "snapshot among git's own files, on Windows",
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_one(name: str) -> None:
    from jsonschema import Draft7Validator

    Draft7Validator.check_schema(schema_of(name))


def test_no_two_schemas_have_one_name() -> None:
    assert len({identity(name) for name in SCHEMAS}) == len(SCHEMAS)


def test_the_schema_of_the_settings_has_every_key_and_what_it_means() -> None:
    keys = schema_of("settings")["properties"]

    assert {*keys} == {*SETTINGS}
    assert [key for key, schema in keys.items() if not schema.get("description")] == []


def test_settings_that_the_program_takes_fit_the_schema() -> None:
    assert mistakes("settings", toml.loads(WHOLE)) == []


@pytest.mark.parametrize("name", WRONG)
def test_settings_that_the_program_refuses_do_not_fit(name: str) -> None:
    found = mistakes("settings", toml.loads(WRONG[name][0]))

    assert (found == []) == (name in BEYOND)


def test_documented_settings_fit_the_schema() -> None:
    import re
    import textwrap

    blocks = re.findall(
        r"code-block:: toml\n\n((?:(?:    .*)?\n)+)", "\n".join(PAGES.values()), re.MULTILINE
    )
    tables = [
        toml.loads(textwrap.dedent(block)).get("tool", {}) for block in blocks if "…" not in block
    ]
    shown = [table["lockguard"] for table in tables if "lockguard" in table]

    assert shown
    for settings in shown:
        assert mistakes("settings", json.loads(json.dumps(settings, default=str))) == []


def test_a_schema_is_printed_and_all_are_listed(run: Run, tmp_path: Path) -> None:
    one = run("lockguard schema snapshot show", tmp_path)
    every = run("lockguard schema", tmp_path)

    assert (one.code, json.loads(one.out)) == (0, schema_of("snapshot show"))
    assert [line.split("  ")[0] for line in every.out.splitlines()] == [*SCHEMAS]


def test_an_unknown_schema_gets_the_nearest_name(run: Run, tmp_path: Path) -> None:
    result = run("lockguard schema setings", tmp_path)

    assert (result.code, result.out) == (2, "")
    assert result.err == "lockguard: no schema 'setings'; did you mean 'settings'?\n"
