"""A package that is locked twice where an install takes one: the second entry decides."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poetry.core.version.markers import parse_marker
from poisoned import MANIFEST, SOUND, entry, written
from sampling import examples

from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.lockfile.fast.exclusive_markers import are_exclusive
from poetry_lockguard.manifest.content_hash import content_hash, rule_for
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity, Status
from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    from poetry_lockguard.freshness.judge import Verdict

    Run = Callable[[str, Path], Result]

OLD, NEW = "python_version < '3.12'", "python_version >= '3.12'"
LINUX = "sys_platform == 'linux'"


def second(version: str = "3.0", group: str = "main", markers: str = "") -> dict[str, str]:
    return {"more": entry("url-tool", version=version, group=group, markers=markers)}


def first(markers: str) -> dict[str, str]:
    return {"url-tool": entry("url-tool", markers=markers)}


def plainly(folder: Path, change: dict[str, str]) -> Verdict:
    return judge(read(written(folder, change) / "pyproject.toml"))


RIVALS = {
    "a newer version": second(),
    "an older version": second("0.1"),
    "another group": second(group="dev"),
    "a marker that always holds": second(markers="python_version >= '3.0'"),
    "some platforms": second(markers=LINUX),
    "the same marker": first(LINUX) | second(markers=LINUX),
    "the same marker in other words": (
        first("python_version < '3.12' and python_version >= '3.10'") | second(markers=OLD)
    ),
    "a part of a marker": first(OLD) | second(markers=f"{OLD} and {LINUX}"),
    "a marker that is too long": second(markers=" or ".join([LINUX] * 99)),
    "a third version beside two": first(OLD)
    | second(markers=NEW)
    | {"third": second("4.0")["more"]},
    "another spelling of the name": {
        "more": entry("url-tool", version="3.0").replace('"url-tool"', '"Url_Tool"', 1)
    },
}


@pytest.mark.parametrize("change", RIVALS.values(), ids=RIVALS)
def test_a_plain_check_does_not_trust_a_second_version(
    change: dict[str, str], tmp_path: Path
) -> None:
    verdict = plainly(tmp_path, change)

    assert verdict.status is Status.UNTRUSTED
    assert {(one.code, one.package) for one in verdict.problems} == {("duplicate-pin", "url-tool")}


APART = {
    "Pythons": (OLD, NEW),
    "minor versions": ("python_version == '3.10' or python_version == '3.11'", NEW),
    "platforms": (LINUX, f"{LINUX.replace('==', '!=')} and {OLD}"),
    "a platform and a Python": (f"({OLD} or {LINUX}) and os_name == 'nt'", "os_name == 'posix'"),
    "what the project excludes": ("python_version < '3.10'", "sys_platform != 'win32'"),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_versions_for_different_environments_are_fresh(
    one: str, other: str, tmp_path: Path
) -> None:
    verdict = plainly(tmp_path, first(one) | second(markers=other))

    assert (verdict.status, verdict.problems) == (Status.FRESH, ())


def test_versions_that_share_some_environments_are_a_warning(tmp_path: Path) -> None:
    verdict = plainly(tmp_path, first(OLD) | second(markers=LINUX))

    assert verdict.status is Status.FRESH
    assert [(one.code, one.severity) for one in verdict.problems] == [
        ("duplicate-pin", Severity.WARNING)
    ]


def test_they_are_a_warning_where_requirements_name_extras(tmp_path: Path) -> None:
    text = MANIFEST.replace('"web>=2",', "\"web>=2 ; extra == 'fast'\",")
    folder = written(tmp_path, second())
    (folder / "pyproject.toml").write_text(text)
    lock = folder / "poetry.lock"
    digest = content_hash(loads(text), rule_for("2.1.3"))
    lock.write_text(re.sub('(?<=content-hash = )"[^"]*', f'"{digest}', lock.read_text()))

    verdict = judge(read(folder / "pyproject.toml"))

    assert verdict.status is Status.FRESH
    assert [one.severity for one in verdict.problems] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("of_web", "of_color", "status"),
    [
        ("*", "==1.0", Status.FRESH),
        ("==3.0", "==1.0", Status.FRESH),
        ("==1.0", "==1.0", Status.UNTRUSTED),
        ("*", "<2", Status.FRESH),
        ("*", "*", Status.UNTRUSTED),
        ("*", ">=1.0", Status.UNTRUSTED),
    ],
)
def test_versions_that_requirements_need_apart_are_a_warning(
    of_web: str, of_color: str, status: Status, tmp_path: Path
) -> None:
    change = second() | {
        "web": entry("web", version="2.0", needs=f'url-tool = "{of_web}"\ncolor = "*"'),
        "color": entry("color", needs=f'url-tool = "{of_color}"'),
    }

    verdict = plainly(tmp_path, change)

    assert verdict.status is status
    severity = Severity.WARNING if status is Status.FRESH else Severity.ERROR
    assert [(one.code, one.severity) for one in verdict.problems] == [("duplicate-pin", severity)]


@pytest.mark.parametrize("deep", [False, True])
def test_an_entry_twice_is_a_warning(tmp_path: Path, *, deep: bool) -> None:
    folder = written(tmp_path, {"more": SOUND["url-tool"]})

    verdict = judge(read(folder / "pyproject.toml"), deep=deep)

    assert verdict.status is Status.FRESH
    assert [(one.severity, one.message) for one in verdict.problems] == [
        (Severity.WARNING, "url-tool: locked at 1.0 twice; run `poetry lockguard fix`")
    ]


@pytest.mark.parametrize("deep", [False, True])
def test_a_pin_twice_with_other_contents_is_broken(tmp_path: Path, *, deep: bool) -> None:
    folder = written(tmp_path, {"more": entry("url-tool", digest="1")})
    shutil.rmtree(folder / ".git")  # without it, nobody knows which one was there before

    verdict = judge(read(folder / "pyproject.toml"), deep=deep)

    assert verdict.status is Status.BROKEN
    assert verdict.problems[0].message == (
        "url-tool: locked at 1.0 twice, with different contents; run `poetry lockguard fix`"
    )


@pytest.mark.parametrize(
    "command",
    [
        "lockguard check",
        "lockguard fix --offline",
        "lockguard install --offline --dry-run",
        "lockguard export",
        "lockguard snapshot sync",
        "install --dry-run",
    ],
)
def test_every_command_stops_at_a_second_version(
    command: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKGUARD_GUARD", "fix")
    folder = written(tmp_path / "plane", second())
    before = (folder / "poetry.lock").read_bytes()

    result = run(command, folder)

    assert result.code == 1
    assert "url-tool" in result.out + result.err
    assert "Installing" not in result.out + result.err
    assert (folder / "poetry.lock").read_bytes() == before


def test_versions_for_different_pythons_cost_no_reading_by_poetry(tmp_path: Path) -> None:
    manifest = '[project]\nname = "plane"\nversion = "1"\ndependencies = ["url-tool>=1"]\n'
    digest = content_hash(loads(manifest), rule_for("2.1.3"))
    old, new = (marker.replace("'", '\\"') for marker in (OLD, NEW))
    pins = entry("url-tool", markers=old), entry("url-tool", markers=new, version="3.0")
    (tmp_path / "pyproject.toml").write_text(manifest)
    (tmp_path / "poetry.lock").write_text(
        "# This file is automatically @generated by Poetry 2.1.3 and should not be changed by"
        " hand.\n\n" + "\n".join(pins) + '\n[metadata]\nlock-version = "2.1"\n'
        f'python-versions = ">=3.10"\ncontent-hash = "{digest}"\n'
    )
    program = (
        "import sys; from poetry_lockguard.__main__ import main; main(['check']);"
        "print([name for name in sys.modules if name.startswith('poetry.core')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["poetry.lock: fresh", "[]"]


SIGNS = ("==", "!=", "<", "<=", ">", ">=")
CLAUSES = st.one_of(
    st.builds(
        "python_version {} '{}'".format, st.sampled_from(SIGNS), st.sampled_from(("3.9", "3.10"))
    ),
    st.builds(
        "python_full_version {} '{}'".format,
        st.sampled_from(SIGNS),
        st.sampled_from(("3.9", "3.9.1", "3.10.0")),
    ),
    st.builds(
        "{} {} '{}'".format,
        st.sampled_from(("os_name", "sys_platform", "extra")),
        st.sampled_from(SIGNS[:2]),
        st.sampled_from(("a", "b")),
    ),
)
MARKERS = st.recursive(
    CLAUSES,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(("and", "or")), inner),
    max_leaves=4,
)


@settings(max_examples=examples(300), deadline=None)
@given(MARKERS, MARKERS)
def test_what_surely_excludes_has_nothing_in_common(one: str, other: str) -> None:
    if are_exclusive(one, other):
        assert parse_marker(one).intersect(parse_marker(other)).is_empty()


@pytest.mark.parametrize(
    "marker", ["(" * 999, "os_name == ", "1", "not x", "os_name == f'{1}'", "a" * 10**6, "\x00"]
)
def test_what_is_no_marker_excludes_nothing(marker: str) -> None:
    assert not are_exclusive(marker, LINUX)
