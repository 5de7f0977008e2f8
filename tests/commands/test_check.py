"""``lockguard check``: the same answers through Poetry's console and through the fast door."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Result
from locks import MANIFEST, lock_for, project

from poetry_lockguard import __main__ as script
from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Severity, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Door = Callable[[str, Path], Result]

OTHER = MANIFEST.replace("matrix (>=1.0,<2.0)", 'matrix (>=1.0,<2.0)", "sound (>=3)')
GROUPS = MANIFEST + "\n[dependency-groups]\ndev = []\n"
PYTHON_10 = sys.version_info < (3, 11)


@pytest.fixture
def fast(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Door:
    """The console script; it must not come near Poetry's console."""

    def drive(command: str, folder: Path) -> Result:
        monkeypatch.chdir(folder)
        code = script.main(["--no-ansi", "--no-interaction", *shlex.split(command)])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return drive


@pytest.fixture(params=["poetry lockguard", "lockguard"])
def door(request: pytest.FixtureRequest, run: Door, fast: Door) -> Door:
    if request.param == "lockguard":
        return fast
    return lambda command, folder: run(f"lockguard {command}", folder)


def files_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_fresh_lock_is_one_line(door: Door, tmp_path: Path) -> None:
    result = door("check", project(tmp_path))

    assert result == Result(0, "poetry.lock: fresh\n", "")


def test_a_stale_lock_is_explained(door: Door, tmp_path: Path) -> None:
    result = door("check", project(tmp_path, OTHER, lock_for(MANIFEST)))

    assert result.code == 1
    assert result.out.startswith("poetry.lock: stale\n  requirement-added: sound")
    assert result.err == ""


def test_a_missing_lock_is_missing(door: Door, tmp_path: Path) -> None:
    (project(tmp_path) / "poetry.lock").unlink()

    result = door("check", tmp_path)

    assert result == Result(
        1,
        "poetry.lock: missing\n  lock-missing: poetry.lock: no such file;"
        " run `poetry lockguard fix` or `poetry lock`\n",
        "",
    )


def test_a_broken_lock_names_line_and_next_step(door: Door, tmp_path: Path) -> None:
    result = door("check", project(tmp_path, lock=lock_for() + "<<<<<<< HEAD\n"))

    assert result == Result(
        1,
        "poetry.lock: broken\n  lock-conflict: poetry.lock:36: merge conflict markers at line 36;"
        " run `poetry lockguard fix`\n",
        "",
    )


def test_a_newer_format_is_unsupported(door: Door, tmp_path: Path) -> None:
    result = door("check", project(tmp_path, lock=lock_for().replace('"2.1"', '"9.0"')))

    assert result.code == 1
    assert result.out.startswith(
        "poetry.lock: unsupported\n"
        "  lock-version: poetry.lock: this Poetry does not read format 9.0"
    )


def test_poetry_versions_that_disagree_are_named(tmp_path: Path) -> None:
    manifest = read(project(tmp_path, GROUPS, lock_for(GROUPS, poetry="2.3.0")) / "pyproject.toml")

    new, old = (judge(manifest, poetry_version=version) for version in ("2.5.1", "2.2.1"))

    assert (new.status, old.status) == (Status.FRESH, Status.STALE)
    assert [(problem.code, problem.severity) for problem in (*new.problems, *old.problems)] == [
        ("hash-rule", Severity.WARNING),
        ("hash-rule", Severity.ERROR),
    ]
    assert [problem.message for problem in new.problems] == [
        (
            "fresh for Poetry 2.3 and newer, stale for Poetry 2.0-2.2, because not all of"
            " them hash [dependency-groups]; use Poetry 2.3 and newer everywhere, or set"
            " `requires-poetry` in [tool.poetry] or `min-poetry` in [tool.lockguard]"
        )
    ]


def test_a_lock_of_an_older_poetry_is_forgiven_by_the_newer(tmp_path: Path) -> None:
    manifest = read(project(tmp_path, GROUPS, lock_for(GROUPS, poetry="2.2.1")) / "pyproject.toml")

    verdicts = [judge(manifest, poetry_version=version) for version in ("2.5.1", "2.2.1")]

    assert [(verdict.status, verdict.problems) for verdict in verdicts] == [(Status.FRESH, ())] * 2


def test_versions_that_the_settings_do_not_promise_are_not_spoken_of(tmp_path: Path) -> None:
    promising = GROUPS + '[tool.lockguard]\nmin-poetry = "2.3"\n'
    folder = project(tmp_path, promising, lock_for(promising, poetry="2.3.0"))

    verdict = judge(read(folder / "pyproject.toml"), poetry_version="2.5.1")

    assert verdict.problems == ()


HARMLESS = {
    "readme": 'readme = "NOWHERE.md"\n',
    "classifiers": 'classifiers = ["Nothing :: Known"]\n',
    "deprecated": '[tool.poetry]\nauthors = ["A <a@b.example>"]\n',
    "deprecated group": "[tool.poetry.dev-dependencies]\n",
}


@pytest.mark.contract
@pytest.mark.parametrize("more", HARMLESS.values(), ids=HARMLESS)
def test_what_does_not_concern_the_lock_never_hides_the_verdict(
    door: Door, tmp_path: Path, more: str
) -> None:
    result = door("check", project(tmp_path, OTHER + more, lock_for(MANIFEST)))

    assert (result.code, result.err) == (1, "")
    assert "requirement-added: sound" in result.out


def test_a_readme_that_is_missing_does_not_colour_the_answer(door: Door, tmp_path: Path) -> None:
    manifest = MANIFEST + 'readme = "NOWHERE.md"\n'

    result = door("check", project(tmp_path, manifest))

    assert result.code == 0


CANNOT_LOOK = {
    "no manifest": ("check {empty}", "{empty}/pyproject.toml: no such file; run this in"),
    "no such path": ("check nowhere", "nowhere: no such file or folder; name a project's folder"),
    "a path of no project": ("check notes.txt", "notes.txt: not a folder, a pyproject.toml"),
    "an unknown option": ("check --foo", 'The option "--foo" does not exist'),
    "an unknown format": (
        "check --format yaml",
        "--format: expected one of text, json, github, sarif, gitlab, junit, not 'yaml'",
    ),
    "a folder in place of the lock": ("check folder", "folder/poetry.lock: is a folder, not a"),
    "a lock that links to itself": ("check loop", "loop/poetry.lock: cannot be read: Too many"),
    "an invalid manifest": ("check invalid", "invalid/pyproject.toml:1: invalid TOML: Expected"),
    "a manifest in conflict": (
        "check conflict",
        "conflict/pyproject.toml:2: merge conflict markers at lines 2, 4, 6; resolve them, then",
    ),
    "another tool's manifest": (
        "check other",
        "other/pyproject.toml: not a Poetry project: it has",
    ),
    "a folder for a manifest": ("check dir", "dir/pyproject.toml: is a folder, not a file"),
    "a manifest in latin-1": ("check latin", "latin/pyproject.toml: not UTF-8 (byte 16)"),
    "a manifest nested absurdly": ("check deep", "deep/pyproject.toml: nested too deeply"),
    "a table that is none": ("check table", "table/pyproject.toml: [tool.poetry] is not a table"),
    "a date for a version": ("check date", "date/pyproject.toml: a requirement has a value"),
    "a requirement list that is none": (
        "check refused0",
        "refused0/pyproject.toml: Poetry refuses it: project.dependencies must be array; correct",
    ),
    "an extra that is no list": (
        "check refused1",
        "refused1/pyproject.toml: Poetry refuses it: project.optional-dependencies.a must be",
    ),
    "a name that is none": (
        "check refused2",
        "refused2/pyproject.toml: Poetry refuses it: project.name must be string; correct it",
    ),
    "no name": ("check refused3", "refused3/pyproject.toml: Poetry refuses it: project must con"),
    "an unknown key of a requirement": (
        "check refused4",
        "refused4/pyproject.toml: Poetry refuses it: tool.poetry.dependencies.requests must be",
    ),
    "a source without url": (
        "check refused5",
        "refused5/pyproject.toml: Poetry refuses it: Missing [url] in source 'x' (tool.poetry.s",
    ),
    "a source that is no table": (
        "check refused6",
        "refused6/pyproject.toml: Poetry refuses it: tool.poetry.source must be an array of tab",
    ),
    "a group that is no table": (
        "check refused7",
        "refused7/pyproject.toml: Poetry refuses it: tool.poetry.group.dev must be a table",
    ),
    "a missing lock and no name": (
        "check refused8",
        "refused8/pyproject.toml: Poetry refuses it: Either [project.name] or [tool.poetry.nam",
    ),
    "a standard group that is no list": (
        "check refused9",
        "refused9/pyproject.toml: Poetry refuses it: dependency-groups.dev must be array; correct",
    ),
    "unknown settings": ("check settings", "settings/pyproject.toml: [tool.lockguard] has a mis"),
    "nothing below": ("check -r {empty}", "{empty}: no Poetry project in this folder or below"),
}


BARE = '[project]\nname = "a"\nversion = "1"\n'
REFUSED = [
    f'{BARE}dependencies = "requests"',
    f'{BARE}optional-dependencies = {{a = "requests"}}',
    '[project]\nname = 3\nversion = "1"',
    '[project]\nversion = "1"',
    f'{BARE}[tool.poetry.dependencies]\nrequests = {{versoin = "2"}}',
    f'{BARE}[[tool.poetry.source]]\nname = "x"',
    f'{BARE}[tool.poetry]\nsource = "x"',
    f'{BARE}[tool.poetry.group]\ndev = "x"',
    "[tool.poetry]",
    f'{BARE}[dependency-groups]\ndev = "pytest"',
]


@pytest.fixture
def unlookable(tmp_path: Path) -> Path:
    manifests = {
        "invalid": b"name\n",
        "other": b"[tool.black]\n",
        "conflict": b"[project]\n<<<<<<< HEAD\nname = 1\n=======\nname = 2\n>>>>>>> other\n",
        "latin": '[project]\nname="\xe9"\n'.encode("latin-1"),
        "deep": b"x = " + b"[" * 100_000,
        "table": b"[tool]\npoetry = 1\n",
        "date": b"[tool.poetry.dependencies]\nx = 2020-01-01\n",
        "settings": MANIFEST.encode() + b"[tool.lockguard]\nmirror = 1\n",
    }
    for name, content in manifests.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_bytes(content)
    for number, text in enumerate(REFUSED):
        project(tmp_path / f"refused{number}", text, lock_for())
    (tmp_path / "refused8" / "poetry.lock").unlink()
    project(tmp_path / "folder")
    (tmp_path / "folder" / "poetry.lock").unlink()
    (tmp_path / "folder" / "poetry.lock").mkdir()
    project(tmp_path / "loop")
    (tmp_path / "loop" / "poetry.lock").unlink()
    (tmp_path / "loop" / "poetry.lock").symlink_to("poetry.lock")
    (tmp_path / "dir" / "pyproject.toml").mkdir(parents=True)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(("command", "message"), CANNOT_LOOK.values(), ids=CANNOT_LOOK)
def test_what_cannot_be_looked_at_is_one_line_on_stderr(
    door: Door, unlookable: Path, command: str, message: str
) -> None:
    before = files_below(unlookable)

    result = door(command.format(empty="empty"), unlookable)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("lockguard: " + message.format(empty="empty"))
    assert result.err.count("\n") == (2 if "has a mis" in message else 1)
    assert files_below(unlookable) == before


@pytest.mark.parametrize("command", [row[0] for row in CANNOT_LOOK.values()], ids=CANNOT_LOOK)
def test_json_is_one_document_even_when_nothing_can_be_looked_at(
    door: Door, unlookable: Path, command: str
) -> None:
    if "--format" in command:
        pytest.skip("asks for another format")

    result = door(f"{command.format(empty='empty')} --format json", unlookable)

    document = json.loads(result.out)
    assert result.code == 2
    assert {key: document[key] for key in ("lockguard", "command", "status")} == {
        "lockguard": 1,
        "command": "check",
        "status": "error",
    }
    assert document["message"] in result.err


COMMANDS = [
    "check",
    "check --format json",
    "check --format=github",
    "check fresh stale broken missing",
    "check -r . --format json",
    "check --recursive",
    "check --format json -r fresh",
    "check --format github -r",
    "check --deep fresh",
    "check -P fresh",
    "check --project=stale",
    "check -C stale",
    "check -C . -P fresh",
    "check -q stale",
    "check --quiet nowhere",
    "check stale/poetry.lock stale/pyproject.toml ./stale",
    "check fresh nowhere",
    "check fresh invalid",
    "check -r --format json .",
    "check -v fresh",
    "check -vvv --no-plugins --no-cache fresh",
    "check --deep --foo",
    "check -x",
    "check --format",
    "check -rq",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_both_doors_say_the_same(run: Door, fast: Door, tmp_path: Path, command: str) -> None:
    project(tmp_path / "fresh")
    project(tmp_path / "stale", OTHER, lock_for(MANIFEST))
    project(tmp_path / "broken", lock=b"")
    (project(tmp_path / "missing") / "poetry.lock").unlink()
    project(tmp_path / "invalid", "name\n", "")
    project(tmp_path)

    assert fast(command, tmp_path) == run(f"lockguard {command}", tmp_path)


def test_json_has_every_key_of_the_contract(door: Door, tmp_path: Path) -> None:
    result = door("check --format json", project(tmp_path, OTHER, lock_for(MANIFEST)))

    document = json.loads(result.out)
    (judged,) = document.pop("projects")
    problems = judged.pop("problems")
    hashes = judged.pop("content_hash")
    assert document == {"lockguard": 1, "command": "check", "status": "stale"}
    assert judged == {
        "path": ".",
        "name": "engine",
        "status": "stale",
        "lock_version": "2.1",
        "generator": "2.1.3",
        "since": None,
    }
    assert set(hashes) == {"locked", "expected"}
    assert set(problems[0]) == {
        "code", "severity", "message", "package", "group", "requested", "locked", "line", "help",
    }  # fmt: skip
    assert problems[0]["help"] == "lockguard explain requirement-added"
    assert (problems[0]["code"], problems[0]["package"]) == ("requirement-added", "sound")


def test_many_projects_of_different_status_are_mixed(door: Door, tmp_path: Path) -> None:
    project(tmp_path / "a")
    project(tmp_path / "b", lock=b"")
    project(tmp_path / "c", "name\n", "")

    result = door("check --format json -r", tmp_path)

    document = json.loads(result.out)
    assert result.code == 2
    assert document["status"] == "mixed"
    assert [(one["path"], one["status"]) for one in document["projects"]] == [
        ("a", "fresh"),
        ("b", "broken"),
        ("c", "error"),
    ]


def test_annotations_point_into_the_manifest_and_the_lock(door: Door, tmp_path: Path) -> None:
    project(tmp_path / "a,b", OTHER, lock_for(MANIFEST))
    project(tmp_path / "c", lock=lock_for() + "<<<<<<< HEAD\n")

    result = door("check --format github -r", tmp_path)

    first, second = result.out.splitlines()
    assert first.startswith(
        "::error file=a%2Cb/pyproject.toml,line=5,title=requirement-added::sound"
    )
    assert second == (
        "::error file=c/poetry.lock,line=36,title=lock-conflict::poetry.lock:36: merge conflict"
        " markers at line 36; run `poetry lockguard fix`"
    )


STYLES = {
    "standard": (MANIFEST, OTHER.replace(">=3.10", ">=3.11"), 4),
    "poetry's": (
        MANIFEST,
        '[tool.poetry]\npackage-mode = false\n\n[tool.poetry.dependencies]\npython = ">=3.12"\n',
        5,
    ),
}


@pytest.mark.parametrize(("before", "after", "line"), STYLES.values(), ids=STYLES)
def test_a_changed_python_is_annotated_where_it_is_declared(
    door: Door, tmp_path: Path, before: str, after: str, line: int
) -> None:
    result = door("check --format github", project(tmp_path, after, lock_for(before)))

    expected = f"::error file=pyproject.toml,line={line},title=python-changed::Python: declared"
    assert expected in result.out


def test_a_project_that_cannot_be_looked_at_is_annotated(door: Door, tmp_path: Path) -> None:
    result = door("check --format github", project(tmp_path, "name\n", ""))

    assert result.code == 2
    assert result.out.startswith(
        "::error file=pyproject.toml,title=manifest::pyproject.toml:1: invalid TOML"
    )
    assert result.err.startswith("lockguard: pyproject.toml:1: invalid TOML")
    assert (result.out.count("\n"), result.err.count("\n")) == (1, 1)


BUILD = '[build-system]\nrequires = ["{0}"]\nbuild-backend = "{0}.build_meta"\n'
FOREIGN = {
    "setuptools builds it": (BUILD.format("setuptools"), None),
    "uv locks it": ("", "uv.lock"),
}


@pytest.mark.parametrize(("more", "beside"), FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("command", ["check", "fix", "install"])
def test_another_tools_project_gets_no_lock(
    run: Door, tmp_path: Path, command: str, more: str, beside: str | None
) -> None:
    (project(tmp_path, MANIFEST + more) / "poetry.lock").unlink()
    if beside is not None:
        (tmp_path / beside).touch()

    result = run(f"lockguard {command}", tmp_path)

    assert (result.code, result.out) == (2, "")
    assert "pyproject.toml: not a Poetry project: it has neither [tool.poetry] nor" in result.err
    assert result.err.count("\n") == 1
    assert not (tmp_path / "poetry.lock").exists()


def test_a_lock_makes_it_poetrys_whoever_builds_it(door: Door, tmp_path: Path) -> None:
    result = door("check", project(tmp_path, MANIFEST + BUILD.format("setuptools")))

    assert result == Result(0, "poetry.lock: fresh\n", "")


def test_nothing_is_written_and_no_virtualenv_made(
    door: Door, tmp_path: Path, poetry_home: Path
) -> None:
    folder = project(tmp_path / "app", OTHER, lock_for(MANIFEST))
    before = files_below(tmp_path)

    door("check --deep", folder)

    assert files_below(tmp_path) == before
    assert not list(poetry_home.rglob("pyvenv.cfg"))


def test_the_fast_door_does_not_load_poetry(tmp_path: Path) -> None:
    folder = project(tmp_path)
    program = (
        "import sys; from poetry_lockguard.__main__ import main; code = main(['check']);"
        "print([name for name in sys.modules if name.partition('.')[0] in {'poetry', 'cleo'}]);"
        "sys.exit(code)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "poetry.lock: fresh\n[]\n")


def in_a_shell(command: str, folder: Path, **environment: str) -> Result:
    program = f"{shlex.quote(sys.executable)} -m poetry_lockguard {command}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return Result(done.returncode, done.stdout, done.stderr)


PROGRAMS = {"lockguard": "poetry_lockguard", "poetry lockguard": "poetry lockguard"}
STALE = {"fresh": (MANIFEST, 0), "stale": (OTHER, 1)}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize(("manifest", "code"), STALE.values(), ids=STALE)
@pytest.mark.parametrize("options", ["--format json", "-r ."])
def test_a_reader_that_goes_away_does_not_change_the_verdict(
    tmp_path: Path, program: str, manifest: str, code: int, options: str
) -> None:
    project(tmp_path / "a", manifest, lock_for(MANIFEST))
    (tmp_path / "poetry.toml").touch()
    project(tmp_path, manifest, lock_for(MANIFEST))
    read_end, write_end = os.pipe()
    os.close(read_end)  # all is written to a reader that has gone

    done = subprocess.run(
        [sys.executable, "-m", *program.split(), "check", *options.split()],
        cwd=tmp_path,
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write_end)

    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize("command", ["check", "fix --offline"])
@pytest.mark.parametrize(
    "way",
    [
        "{0} -C q",
        pytest.param("{0} -Cq", marks=pytest.mark.contract),
        "{0} --directory=q",
        "-C q {0}",
    ],
)
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_the_folder_may_be_named_before_and_behind_the_command(
    tmp_path: Path, program: str, command: str, way: str
) -> None:
    project(tmp_path, "name\n", "")  # would be an error, were it looked at
    project(tmp_path / "q")
    module, *words = program.split()
    tokens = way.format(" ".join([*words, command])).split()

    done = subprocess.run(
        [sys.executable, "-m", module, *tokens],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.contract
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_ctrl_c_is_one_line_and_a_document(tmp_path: Path, program: str) -> None:
    """The signal is sent while the index, which never answers, is being asked."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        source = '[[tool.poetry.source]]\nname = "silent"\nurl = "http://127.0.0.1:{}/"\n'
        manifest = OTHER + source.format(silent.getsockname()[1])
        folder = project(tmp_path, manifest, lock_for(MANIFEST))
        before = files_below(folder)
        with subprocess.Popen(
            [sys.executable, "-m", *program.split(), "fix", "--format", "json", "--no-ansi"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            asking, _ = silent.accept()
            running.send_signal(signal.SIGINT)
            asking.close()
            silent.close()
            out, err = running.communicate(timeout=60)

    assert running.returncode == 1
    assert json.loads(out) == {
        "lockguard": 1,
        "command": "fix",
        "status": "error",
        "message": "interrupted",
    }
    assert err.endswith("lockguard: interrupted\n")
    assert files_below(folder) == before


QUIET = {"fresh": ("check -q --format json", 0), "error": ("check nowhere -q --format json", 2)}


@pytest.mark.parametrize(("command", "code"), QUIET.values(), ids=QUIET)
def test_a_document_that_was_asked_for_is_never_kept_quiet(
    door: Door, tmp_path: Path, command: str, code: int
) -> None:
    result = door(command, project(tmp_path))

    assert json.loads(result.out)["command"] == "check"
    assert (result.code, result.err) == (code, "")


def test_a_console_without_our_characters_gets_the_answer(tmp_path: Path) -> None:
    project(tmp_path / "café", OTHER, lock_for(MANIFEST))

    result = in_a_shell("check -r", tmp_path, PYTHONIOENCODING="ascii")

    assert (result.code, result.err) == (1, "")
    assert "/poetry.lock: stale" in result.out


def test_colour_is_for_terminals(fast: Door, tmp_path: Path, capfd: Any) -> None:
    project(tmp_path)

    script.main(["-P", str(tmp_path), "check", "--ansi"])

    assert "\033[32mfresh\033[39m" in capfd.readouterr().out


@pytest.mark.parametrize(
    "command", ["frobnicate", "--frobnicate x", "check -C nowhere", "check --foo -P"]
)
def test_usage_errors_of_the_script_are_code_2(fast: Door, tmp_path: Path, command: str) -> None:
    result = fast(command, project(tmp_path))

    assert result.code == 2
    assert result.err.startswith("lockguard: ")
    assert result.err.count("\n") == 1


def test_without_arguments_the_commands_are_listed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    code = script.main([])

    assert code == 0
    assert "Report whether poetry.lock is in step" in capfd.readouterr().out


def test_the_version_names_both_programs(capfd: pytest.CaptureFixture[str]) -> None:
    code = script.main(["--version"])

    assert code == 0
    assert capfd.readouterr().out.startswith("lockguard 0.")


@pytest.mark.parametrize("lock", [None, b""], ids=["missing", "empty"])
def test_an_invalid_requirement_is_an_invalid_manifest_whatever_the_lock(
    lock: bytes | None, tmp_path: Path, run: Callable[[str, Path], Result]
) -> None:
    text = MANIFEST.replace('"matrix (>=1.0,<2.0)"', '"matrix @ https://"')
    (tmp_path / "pyproject.toml").write_text(text)
    if lock is not None:
        (tmp_path / "poetry.lock").write_bytes(lock)

    for command in ("lockguard check", "lockguard fix"):
        result = run(command, tmp_path)
        assert result.code == 2
        assert "Poetry cannot read its requirements" in result.err
