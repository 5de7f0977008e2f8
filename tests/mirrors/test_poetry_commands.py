"""Mirrors for every command: Poetry's own commands, led past PyPI where the project asks for it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cleo.io.buffered_io import BufferedIO
from index import Index, cut, hang, login, reset, status
from poetry.core.packages.dependency import Dependency
from solving import load, project

from poetry_lockguard.mirrors.poetry_commands import reach_through_mirrors
from poetry_lockguard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Pypi, Serve, Server
    from index.faults import Fault
    from index.releases import Artifact

    Run = Callable[[str, Path], Result]

NOBODY = "No mirror could provide what this command needs:"


@pytest.fixture(autouse=True)
def nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "true")
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")


@pytest.fixture
def index() -> Index:
    """An index with a bit of everything."""
    made = Index()
    made.add("matrix", "1.0", requires=["sound32 (>=1)"], summary="Old")
    made.add("matrix", "1.1", requires=["sound32>=1"], python=">=3.8", summary="A & more")
    made.add("sound32", "1.2", extras={"loud": ["shader>=2"]})
    made.add("sound32", "1.3", yanked="broken")
    made.add("shader", "2.1", sdist=False)
    made.add("shader", "2.0")
    return made


@pytest.fixture
def closed(index: Index, pypi: Pypi) -> Server:
    """PyPI, which refuses everything."""
    server = pypi(index, here=True).server
    server.fault("/", status(403))
    return server


def asks(*mirrors: str) -> str:
    """Return the settings that name these mirrors."""
    return f"\n[tool.lockguard]\nmirrors = {[*mirrors]}\n".replace("'", '"')


def stock(run: Run, folder: Path, command: str) -> dict[str, bytes]:
    """Run Poetry as it is without plugins, and give the two files."""
    result = run(f"{command} --no-plugins", folder)
    assert result.code == 0, result.err
    return both(folder)


def both(folder: Path) -> dict[str, bytes]:
    """Return what a command may change."""
    names = ("pyproject.toml", "poetry.lock")
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def installed(folder: Path) -> set[str]:
    found = {path.name.split("-")[0] for path in folder.glob(".venv/lib*/python*/*/*.dist-info")}
    return found - {"pip"}


def wheels(home: Path) -> dict[str, str]:
    """Return the digests of the wheels in Poetry's cache."""
    files = (home / "cache" / "artifacts").rglob("*.whl")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def good(index: Index, *names: str) -> dict[str, str]:
    """Return the digests that they should have."""
    files = [one for name in names for one in index.projects[name] if "whl" in one.filename]
    return {one.filename: one.sha256 for one in files}


LOCKED = {
    "lock": "lock",
    "add": "add shader>=2 --lock",
    "update": "update --lock",
    "update one": "update sound32 --lock",
    "remove": "remove matrix --lock",
}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(one, marks=pytest.mark.contract if "add" in one else ())
        for one in LOCKED.values()
    ],
    ids=LOCKED,
)
def test_files_are_byte_for_byte_what_stock_poetry_writes_with_pypi(  # noqa: PLR0913, PLR0917 - fixtures
    command: str, index: Index, pypi: Pypi, serve: Serve, run: Run, tmp_path: Path
) -> None:
    mirror = serve(index)
    folder = project(tmp_path / "app", "matrix", "sound32[loud]", more=asks(mirror.url))
    pypi(index, here=True)
    before = stock(run, folder, "lock")
    after = stock(run, folder, command)
    assert mirror.asked == []
    closed = pypi(index, here=True).server
    closed.fault("/", status(403))
    for name, content in before.items():
        (folder / name).write_bytes(content)

    result = run(command, folder)

    assert (result.code, both(folder)) == (0, after), result.err
    assert mirror.paths("/simple/")
    assert closed.asked == []


FAULTS = {
    "answers 503": lambda server: server.fault("/", status(503)),
    "answers 403": lambda server: server.fault("/", status(403)),
    "hangs up": lambda server: server.fault("/", reset()),
    "breaks off": lambda server: server.fault("/", cut()),
    "wants a login": lambda server: server.fault("/", login()),
    "is no index": lambda server: server.fault("/", status(404)),
    "gives only one page": lambda server: server.fault("/simple/sound32", reset()),
    "gives no metadata": lambda server: server.fault("/files/", status(404)),
    "gives no more files": lambda server: server.fault("/files/sound32", status(500)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_one_mirror_fails_to_give_is_asked_of_the_next(  # noqa: PLR0913, PLR0917 - fixtures
    fault: Callable[[Server], None],
    index: Index,
    serve: Serve,
    closed: Server,
    run: Run,
    tmp_path: Path,
) -> None:
    first, second = serve(index), serve(index)
    fault(first)
    folder = project(tmp_path / "app", "matrix", more=asks(first.url, second.url))

    result = run("lock", folder)

    assert result.code == 0, result.err
    assert b'name = "sound32"\nversion = "1.2"' in both(folder)["poetry.lock"]
    assert result.err.count(f"lockguard: {first.url} ([tool.lockguard] mirrors): ") == 1
    assert result.err.endswith("; continuing without it\n")
    assert closed.asked == []


@pytest.mark.parametrize("hashes", [True, False], ids=["page with hashes", "page without"])
@pytest.mark.parametrize("name", ["matrix-1.1-py3-none-any.whl", "source-1.0.tar.gz"])
def test_a_page_for_people_in_place_of_a_file_is_not_read_and_the_next_mirror_asked(  # noqa: PLR0913, PLR0917 - fixtures
    name: str,
    index: Index,
    serve: Serve,
    closed: Server,
    run: Run,
    tmp_path: Path,
    *,
    hashes: bool,
) -> None:
    index.add("source", "1.0", tags=())
    first, second = serve(index, hashes=hashes), serve(index)
    first.fault(f"/files/{name}", login())
    folder = project(tmp_path / "app", "matrix", "source", more=asks(first.url, second.url))

    result = run("lock", folder)

    assert result.code == 0, result.err
    assert (
        f"returned something other than an archive for {name}; continuing without it" in result.err
    )
    artifacts = [*index.projects["matrix"], *index.projects["source"]]
    shas = {one.sha256 for one in artifacts if one.filename == name}
    assert all(sha.encode() in both(folder)["poetry.lock"] for sha in shas)
    assert closed.asked == []


def test_a_damaged_file_is_not_read_and_the_next_mirror_asked(
    index: Index, serve: Serve, run: Run, tmp_path: Path
) -> None:
    first, second = serve(tampered(index), ranges=False), serve(index)
    folder = project(tmp_path / "app", "matrix", more=asks(first.url, second.url))

    result = run("lock", folder)

    assert result.code == 0, result.err
    assert "whose hash is not the one on its page; continuing without it" in result.err
    assert second.paths("/files/matrix-1.1")


def test_the_only_mirror_does_not_go_on_without_itself(
    index: Index, serve: Serve, run: Run, tmp_path: Path
) -> None:
    mirror = serve(tampered(index), ranges=False)
    folder = project(tmp_path / "app", "matrix", more=asks(mirror.url))

    result = run("lock", folder)

    assert result.code == 1
    assert NOBODY in result.err
    assert "whose hash is not the one on its page" in result.err
    assert "going on" not in result.err
    assert not (folder / "poetry.lock").exists()


def test_a_mirror_that_is_down_is_asked_no_more_than_twice(
    index: Index, serve: Serve, closed: Server, run: Run, tmp_path: Path
) -> None:
    first = serve(index)
    first.fault("/", status(503))
    folder = project(tmp_path / "app", "matrix", more=asks(first.url, serve(index).url))

    run("lock", folder)

    assert len(first.asked) == 2
    assert closed.asked == []


def test_a_mirror_nobody_trusts_is_passed_over(
    index: Index, serve: Serve, refused: str, run: Run, tmp_path: Path
) -> None:
    mirrors = (serve(index, tls=True).url, refused, serve(index).url)
    folder = project(tmp_path / "app", "matrix", more=asks(*mirrors))

    result = run("lock", folder)

    assert result.code == 0, result.err
    assert "TLS failed: its certificate is not trusted" in result.err
    assert f"{refused} ([tool.lockguard] mirrors): " in result.err


@pytest.fixture
def app(index: Index, pypi: Pypi, run: Run, tmp_path: Path) -> Path:
    """A project locked by stock Poetry while PyPI was there, whose caches are full of it."""
    folder = project(tmp_path / "app", "matrix", "shader")
    pypi(index, here=True)
    stock(run, folder, "lock")
    return folder


def lead(folder: Path, *mirrors: str) -> Path:
    """Have a project ask for mirrors."""
    with (folder / "pyproject.toml").open("a") as file:
        file.write(asks(*mirrors))
    return folder


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        pytest.param("install", status(404), id="404", marks=pytest.mark.contract),
        pytest.param("install", cut(), id="cut"),
        pytest.param("sync", status(503), id="503"),
    ],
)
def test_a_file_that_one_mirror_fails_to_give_comes_from_the_next(  # noqa: PLR0913, PLR0917 - fixtures
    fault: Fault,
    command: str,
    app: Path,
    index: Index,
    serve: Serve,
    closed: Server,
    run: Run,
    poetry_home: Path,
) -> None:
    first, second = serve(index), serve(index)
    first.fault("/files/matrix", fault)

    result = run(command, lead(app, first.url, second.url))

    assert result.code == 0, result.out + result.err
    assert installed(app) == {"matrix", "sound32", "shader"}
    assert [path for path in second.paths("/files/") if "matrix-1.1" in path]
    assert wheels(poetry_home).items() <= good(index, *index.projects).items()
    assert closed.asked == []


class Tampered(Index):
    """An index whose pages are right and whose files are not."""

    def file(self, filename: str) -> Artifact | None:
        found = super().file(filename)
        return found and replace(found, content=found.content + b"\0")


def tampered(index: Index) -> Index:
    made = Tampered()
    made.projects = index.projects
    return made


@pytest.mark.parametrize("hashes", [True, False], ids=["page with hashes", "page without"])
def test_another_file_than_the_one_locked_is_not_kept_and_the_next_mirror_asked(  # noqa: PLR0913, PLR0917 - fixtures
    app: Path,
    index: Index,
    serve: Serve,
    closed: Server,
    run: Run,
    poetry_home: Path,
    *,
    hashes: bool,
) -> None:
    mirrors = (serve(tampered(index), hashes=hashes), serve(index, hashes=hashes))

    result = run("install", lead(app, *(one.url for one in mirrors)))

    assert result.code == 0, result.out + result.err
    assert installed(app) == {"matrix", "sound32", "shader"}
    assert wheels(poetry_home).items() <= good(index, *index.projects).items()
    assert closed.asked == []


@pytest.mark.contract
def test_another_file_than_the_one_locked_is_never_installed(
    app: Path, index: Index, serve: Serve, run: Run, poetry_home: Path
) -> None:
    mirror = serve(tampered(index))

    result = run("install", lead(app, mirror.url))

    assert result.code == 1
    assert installed(app) == set()
    assert wheels(poetry_home) == {}
    assert NOBODY in result.out + result.err
    assert "than the one locked" in result.out + result.err
    assert "Traceback" not in result.out + result.err


def test_one_thing_that_is_refused_says_nothing_of_the_others(
    index: Index, serve: Serve, run: Run, tmp_path: Path
) -> None:
    first, second = serve(index), serve(index)
    first.fault("/files/matrix", status(404))
    folder = project(tmp_path / "app", "matrix", more=asks(first.url, second.url))

    result = run("lock", folder)

    assert result.code == 0, result.err
    assert second.paths("/files/matrix")
    assert (first.paths("/simple/sound32") != [], second.paths("/simple/sound32")) == (True, [])


def test_a_page_stays_the_same_for_the_whole_command(
    index: Index, serve: Serve, tmp_path: Path
) -> None:
    other = Index()
    other.add("matrix", "7.0")
    other.add("sound32", "7.0")
    first, second = serve(index), serve(other)
    poetry = load(project(tmp_path / "app"))
    mirrors = (first.url, second.url)
    reach_through_mirrors(poetry, Settings(mirrors=mirrors), os.environ, BufferedIO())
    wish = Dependency("matrix", "*")
    before = poetry.pool.find_packages(wish)
    first.fault("/", reset())
    poetry.pool.find_packages(Dependency("sound32", "*"))

    assert poetry.pool.find_packages(wish) == before
    assert second.paths("/simple/") == ["/simple/sound32/"]


def test_what_a_page_lacks_of_the_lock_is_taken_from_the_next(
    app: Path, index: Index, serve: Serve, closed: Server, run: Run
) -> None:
    old = Index()
    old.projects = {name: [*files] for name, files in index.projects.items()}
    old.remove("matrix", "1.1")
    old.remove("shader")
    old.projects["sound32"] = [one for one in old.projects["sound32"] if "whl" not in one.filename]

    result = run("install", lead(app, serve(old).url, serve(index).url))

    assert result.code == 0, result.out + result.err
    assert "does not have" not in result.err
    assert installed(app) == {"matrix", "sound32", "shader"}
    assert closed.asked == []


ASKING = ["lock", "add sound32", "update", "install", "show --latest", "remove shader --lock"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(one, marks=pytest.mark.contract if one == "add sound32" else ())
        for one in ASKING
    ],
)
def test_when_every_mirror_fails_each_is_named_and_nothing_is_written(  # noqa: PLR0913, PLR0917 - fixtures
    command: str, app: Path, index: Index, serve: Serve, refused: str, closed: Server, run: Run
) -> None:
    broken = serve(index)
    broken.fault("/", status(401))
    port = broken.base.rpartition(":")[2]
    before = both(lead(app, refused.replace("//", "//user:s3cret@"), broken.url))

    result = run(f"{command} --no-cache -v", app)

    said = result.out + result.err
    assert result.code == 1
    assert both(app) == before
    assert NOBODY in said
    shown = refused.replace("//", "//***@")
    assert f"{shown} ([tool.lockguard] mirrors): {refused.split('/')[2]} cannot be reached" in said
    assert f"127.0.0.1:{port} answered 401 Unauthorized" in said
    assert f"Correct mirrors in [tool.lockguard] of {app / 'pyproject.toml'}" in said
    assert not {"Traceback", "s3cret", "Stack trace"} & {*said.split()}
    assert closed.asked == []


AUTOMATIC = {
    "add": ("add shader --lock", set()),
    "add and install": ("add shader", {"matrix", "sound32", "shader"}),
    "install": ("install", {"matrix", "sound32"}),
    "sync": ("sync", {"matrix", "sound32"}),
}


@pytest.fixture
def pages_only(index: Index, pypi: Pypi) -> Server:
    """PyPI, whose pages are HTML and which knows no API."""
    return pypi(index, here=True, json=False).server


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(*one, marks=pytest.mark.contract if name == "add and install" else ())
        for name, one in AUTOMATIC.items()
    ],
    ids=AUTOMATIC,
)
def test_auto_takes_pypis_pages_where_its_api_does_not_answer(  # noqa: PLR0913, PLR0917 - fixtures
    command: str,
    expected: set[str],
    index: Index,
    pypi: Pypi,
    pages_only: Server,
    run: Run,
    tmp_path: Path,
) -> None:
    folder = project(tmp_path / "app", "matrix", more=asks("auto"))
    run("lock", folder)

    result = run(command, folder)

    assert result.code == 0, result.out + result.err
    assert result.err.replace("Creating virtualenv app in", "").count("\n") <= 1
    assert installed(folder) == expected
    pypi(index, here=True)
    assert both(folder)["poetry.lock"] == stock(run, folder, "lock")["poetry.lock"]


def test_auto_asks_pypis_api_while_it_answers(
    index: Index, pypi: Pypi, serve: Serve, run: Run, tmp_path: Path
) -> None:
    server = pypi(index, here=True).server
    folder = project(tmp_path / "app", "matrix", more=asks("auto"))

    result = run("add shader -v", folder)

    assert result.code == 0, result.out + result.err
    assert server.paths("/pypi/")
    assert "continuing without it" not in result.err


def test_auto_ends_with_what_the_machine_is_set_up_with(  # noqa: PLR0913, PLR0917 - fixtures
    index: Index,
    serve: Serve,
    closed: Server,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machines = serve(index, credentials=("user", "s3cret"))
    monkeypatch.setenv("PIP_INDEX_URL", "not an address")
    monkeypatch.setenv("UV_INDEX_URL", machines.url.replace("//", "//user:s3cret@"))
    folder = project(tmp_path / "app", "matrix", more=asks("auto"))

    result = run("add shader -vvv", folder)

    assert result.code == 0, result.out + result.err
    assert installed(folder) == {"matrix", "sound32", "shader"}
    assert "(PyPI's simple index): " in result.err
    assert closed.asked
    assert "s3cret" not in result.out + result.err
    assert not [path for path in tmp_path.rglob("*.*") if b"s3cret" in content(path)]


def content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_auto_stands_where_it_is_named(
    index: Index, serve: Serve, pages_only: Server, run: Run, tmp_path: Path
) -> None:
    first, last = serve(index), serve(index)
    first.fault("/simple/sound32", status(503))
    folder = project(tmp_path / "app", "matrix", more=asks(first.url, "auto", last.url))

    result = run("lock", folder)

    assert result.code == 0, result.err
    assert first.paths("/simple/matrix")
    assert pages_only.paths("/simple/sound32")
    assert last.asked == []


@pytest.mark.parametrize("places", ["-C {0} lock", "-P {0} lock", "lock -P {0}"])
def test_mirrors_of_a_project_elsewhere_are_found(  # noqa: PLR0913, PLR0917 - fixtures
    places: str, index: Index, serve: Serve, closed: Server, run: Run, tmp_path: Path
) -> None:
    mirror = serve(index)
    folder = project(tmp_path / "app", "matrix", more=asks(mirror.url))

    result = run(places.format(folder), tmp_path)

    assert result.code == 0, result.err
    assert (mirror.asked == [], closed.asked == []) == (False, True)


def test_the_variable_names_mirrors_for_every_project(  # noqa: PLR0913, PLR0917 - fixtures
    app: Path, index: Index, serve: Serve, closed: Server, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("matrix", "2.0")
    first, second = serve(index), serve(index)
    first.fault("/", status(503))
    monkeypatch.setenv("LOCKGUARD_MIRRORS", f"{first.url}, {second.url}")

    result = run("show --latest", app)

    assert result.code == 0, result.err
    assert "matrix (!) 1.1 2.0" in " ".join(result.out.split())
    assert f"lockguard: {first.url} (LOCKGUARD_MIRRORS): " in result.err


def test_a_word_in_the_variable_that_is_no_address_is_one_line(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKGUARD_MIRRORS", "always")
    before = both(app)

    result = run("update", app)

    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "lockguard: LOCKGUARD_MIRRORS: always is not an http or https URL;"
        " give the http or https URL of an index\n"
    )
    assert both(app) == before


def test_without_plugins_pypi_is_asked(
    index: Index, pypi: Pypi, serve: Serve, run: Run, tmp_path: Path
) -> None:
    mirror = serve(index)
    server = pypi(index, here=True).server
    folder = project(tmp_path / "app", "matrix", more=asks(mirror.url))

    result = run("lock --no-plugins", folder)

    assert (result.code, mirror.asked) == (0, [])
    assert server.paths("/pypi/")


def test_a_project_that_did_not_ask_keeps_its_pool(
    run: Run, app: Path, serve: Serve, index: Index, closed: Server
) -> None:
    poetry = load(app)
    pool = poetry.pool

    reach_through_mirrors(poetry, Settings(), {}, BufferedIO())

    assert poetry.pool is pool
    assert run("update", app).code == 1
    assert closed.asked


@pytest.mark.parametrize("command", ["self lock", "self add shader --dry-run"])
def test_self_is_left_alone(  # noqa: PLR0913, PLR0917 - fixtures
    command: str,
    app: Path,
    start: Run,
    index: Index,
    serve: Serve,
    closed: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mirror = serve(index)
    monkeypatch.setenv("LOCKGUARD_MIRRORS", mirror.url)

    result = start(command, app)

    assert result.code == 1
    assert (closed.asked == [], mirror.asked) == (False, [])


def test_sources_of_the_project_stay_what_they_are(
    index: Index, serve: Serve, closed: Server, run: Run, tmp_path: Path
) -> None:
    corp, mirror = serve(index), serve(index)
    source = (
        '\n[[tool.poetry.source]]\nname = "corp"\npriority = "explicit"\n'
        f'url = "{corp.url}"\n\n[tool.poetry.dependencies]\nshader = {{ source = "corp" }}\n'
    )
    folder = project(tmp_path / "app", "matrix", "shader", more=source + asks(mirror.url))

    result = run("update", folder)

    assert result.code == 0, result.out + result.err
    assert installed(folder) == {"matrix", "sound32", "shader"}
    assert {path.split("/")[2] for path in corp.paths("/simple/")} == {"shader"}
    assert {path.split("/")[2] for path in mirror.paths("/simple/")} == {"matrix", "sound32"}
    assert both(folder)["poetry.lock"].count(b"[package.source]") == 1
    assert closed.asked == []


FORGE = """
import pathlib
import zipfile

def prepare_metadata_for_build_wheel(folder, settings=None):
    target = pathlib.Path(folder, "built.dist-info")
    target.mkdir()
    target.joinpath("METADATA").write_bytes(pathlib.Path("METADATA").read_bytes())
    return target.name

def build_wheel(folder, settings=None, metadata=None):
    name = "own-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        archive.writestr("own-1.0.dist-info/METADATA", pathlib.Path("METADATA").read_bytes())
        archive.writestr("own-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        archive.writestr("own-1.0.dist-info/RECORD", "")
    return name
"""


@pytest.fixture
def own(index: Index, tmp_path: Path) -> Path:
    """A package that only a builder of the index's can build."""
    index.add("forge", "1.0", code=FORGE)
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.2\nName: own\nVersion: 1.0\nRequires-Dist: shader\n\n"
    )
    (folder / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['forge']\nbuild-backend = 'forge'\n"
    )
    return folder


def test_what_must_be_built_is_built_through_the_mirrors(  # noqa: PLR0913, PLR0917 - fixtures
    index: Index, serve: Serve, closed: Server, run: Run, own: Path, tmp_path: Path
) -> None:
    first, second = serve(index), serve(index)
    first.fault("/files/forge", status(404))
    folder = project(tmp_path / "app", f"own @ file://{own}", more=asks(first.url, second.url))

    result = run("update", folder)

    assert result.code == 0, result.out + result.err
    assert installed(folder) == {"own", "shader"}
    assert closed.asked == []


def test_poetry_build_takes_its_builder_from_the_mirrors(
    index: Index, serve: Serve, closed: Server, run: Run, own: Path
) -> None:
    with (own / "pyproject.toml").open("a") as file:
        file.write('[project]\nname = "own"\nversion = "1.0"\n' + asks(serve(index).url))

    result = run("build --format wheel", own)

    assert result.code == 0, result.out + result.err
    assert [path.name for path in (own / "dist").iterdir()] == ["own-1.0-py3-none-any.whl"]
    assert closed.asked == []


def test_a_package_that_a_small_mirror_does_not_have_is_not_called_a_failure_of_the_mirror(
    index: Index, serve: Serve, closed: Server, run: Run, tmp_path: Path
) -> None:
    folder = project(tmp_path / "app", "matrix", more=asks(serve(index).url))

    result = run("add nowhere", folder)

    assert result.code == 1
    assert "Could not find a matching version of package nowhere" in result.err
    assert NOBODY not in result.err


def test_search_finds_packages_of_that_name(
    index: Index, serve: Serve, closed: Server, run: Run, tmp_path: Path
) -> None:
    folder = project(tmp_path / "app", more=asks(serve(index).url))

    result = run("search matrix nothing-such", folder)

    assert result.code == 0, result.err
    assert [line.split()[:2] for line in result.out.splitlines()[1:]] == [
        ["matrix", "1.0"],
        ["matrix", "1.1"],
    ]
    assert closed.asked == []


def test_certificates_of_the_machine_are_trusted_for_files_too(
    index: Index, serve: Serve, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = serve(index, tls=True)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(mirror.authority))
    folder = project(tmp_path / "app", "matrix", more=asks(mirror.url))

    result = run("update", folder)

    assert result.code == 0, result.out + result.err
    assert installed(folder) == {"matrix", "sound32"}


@pytest.mark.parametrize("command", ["add sound32", "install"])
def test_a_certificate_file_that_is_not_there_is_one_line(  # noqa: PLR0913, PLR0917 - fixtures
    command: str, app: Path, serve: Serve, index: Index, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = both(lead(app, serve(index).url))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")

    result = run(command, app)

    assert (result.code, result.out, both(app)) == (2, "", before)
    assert result.err == (
        "lockguard: REQUESTS_CA_BUNDLE names /nowhere.pem, which does not exist;"
        " point REQUESTS_CA_BUNDLE at a certificate file or unset it\n"
    )
    assert installed(app) == set()


def test_a_mirror_that_takes_a_call_and_says_nothing_is_waited_for_once(
    index: Index, serve: Serve, closed: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = serve(index)
    silent.fault("/", hang())
    folder = project(tmp_path / "app", "matrix", more=asks(silent.url, serve(index).url))
    monkeypatch.setenv("POETRY_REQUESTS_TIMEOUT", "1")  # read once: it takes a new process

    done = subprocess.run(
        [sys.executable, "-m", "poetry", "lock", "--no-interaction"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(
        f"lockguard: {silent.url} ([tool.lockguard] mirrors): {silent.base.split('/')[2]} did not"
        " answer in time; check the network; continuing without it\n"
    )
    assert (len(silent.asked), closed.asked) == (1, [])
    assert b'name = "sound32"' in both(folder)["poetry.lock"]


def test_stock_poetry_believes_nothing_that_a_mirror_said(
    index: Index, serve: Serve, pypi: Pypi, run: Run, tmp_path: Path
) -> None:
    other = Index()
    other.add("matrix", "1.1", requires=["shader"])
    other.add("shader", "2.1", summary="Another")
    folder = project(tmp_path / "app", "matrix", more=asks(serve(other).url))
    run("lock", folder)
    mirrored = both(folder)["poetry.lock"]
    (folder / "poetry.lock").unlink()
    pypi(index, here=True)

    lock = stock(run, folder, "lock")["poetry.lock"]

    assert (b"Another" in mirrored, b"Another" in lock) == (True, False)
    assert b'name = "sound32"' in lock


def test_a_lock_the_guard_had_to_fix_is_installed_through_the_mirrors(
    app: Path, index: Index, serve: Serve, closed: Server, run: Run
) -> None:
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"shader"', '"shader<2.1"'))
    mirror = serve(index)
    with manifest.open("a") as file:
        file.write(f'{asks(mirror.url)}guard = "fix"\n')

    result = run("install", app)

    assert result.code == 0, result.out + result.err
    assert installed(app) == {"matrix", "sound32", "shader"}
    assert [path for path in mirror.paths("/files/") if "shader-2.0" in path]


def test_debug_resolve_asks_the_mirrors(
    index: Index, serve: Serve, closed: Server, run: Run, tmp_path: Path
) -> None:
    folder = project(tmp_path / "app", more=asks(serve(index).url))

    result = run("debug resolve matrix", folder)

    assert result.code == 0, result.err
    assert "sound32 1.2" in result.out
    assert closed.asked == []


@pytest.mark.contract
def test_a_download_that_fails_everywhere_leaves_both_files_as_they_were(
    pypi: Pypi, index: Index, run: Run, tmp_path: Path
) -> None:
    pypi(index, here=True).server.fault("/files/", status(404))
    folder = project(tmp_path / "app", more=asks("auto"))
    run("lock", folder)
    before = both(folder)

    result = run("add matrix", folder)

    said = result.out + result.err
    assert (result.code, both(folder), installed(folder)) == (1, before, set())
    assert "Package operations: 2 installs" in said
    assert NOBODY in said
    assert "Traceback" not in said


def test_a_keyring_is_not_asked_when_nobody_watches(
    app: Path, serve: Serve, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POETRY_KEYRING_ENABLED")
    poetry = load(app)
    poetry.config.merge({"keyring": {"enabled": True}})

    reach_through_mirrors(poetry, Settings(mirrors=(serve(index).url,)), {"CI": "1"}, BufferedIO())

    assert poetry.config.get("keyring.enabled") is False


@pytest.mark.live
def test_packages_of_the_real_index_are_added_updated_and_installed(
    run: Run, tmp_path: Path
) -> None:
    folder = project(tmp_path / "app", more=asks("auto"))

    results = [run(command, folder) for command in ("add six>=1.16", "update", "install")]

    assert [result.code for result in results] == [0, 0, 0], results
    assert installed(folder) == {"six"}
    assert both(folder)["poetry.lock"].count(b"[[package]]") == 1
    assert b"[package.source]" not in both(folder)["poetry.lock"]
    assert run("lockguard check --deep", folder).code == 0
