"""Whatever git does, the driver sees the manifest that git will make, or says that it cannot."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from repositories import Repository, isolate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index import Index

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

#: a driver that writes down what it found, and leaves a conflict
DRIVER = """\
import json, sys
from pathlib import Path
from poetry_lockguard.errors import LockguardError
from poetry_lockguard.repair.git_objects import Objects
from poetry_lockguard.repair.merge_commits import Given, sides
from poetry_lockguard.repair.staging import manifest_of

objects = Objects(Path.cwd())
base, ours, theirs = (objects.blob(Path(name)) for name in sys.argv[2:5])
found = sides(Given(path=sys.argv[5], base=base, ours=ours, theirs=theirs), objects)
try:
    answer = {"text": manifest_of(found, objects).decode()}
except LockguardError as error:
    answer = {"error": str(error)}
Path(sys.argv[1]).write_text(json.dumps({**answer, "readings": len(found)}))
sys.exit(1)
"""
LINES = [f"line{number} = 0" for number in range(12)]


class Scene:
    """A repository whose branches ``main`` and ``side`` changed manifest and lock."""

    def __init__(self, repository: Repository, answer: Path) -> None:
        self.repository = repository
        self.git = repository.git
        self.answer = answer

    def change(self, **lines: str) -> None:
        """Commit a change of lines of the manifest, and of the lock."""
        self.edit(**lines)
        self.repository.save(str(lines))

    def edit(self, **lines: str) -> None:
        folder = self.repository.folder
        folder.mkdir(exist_ok=True)
        manifest = folder / "pyproject.toml"
        text = manifest.read_text() if manifest.exists() else "\n".join(["[project]", *LINES, ""])
        for key, value in lines.items():
            text = "\n".join(
                f"{key} = {value}" if line.startswith(f"{key} ") else line
                for line in text.split("\n")
            )
        manifest.write_text(text)
        pins = "".join(f"pin {number}\n" for number in range(20))
        digest = sha256(text.encode()).hexdigest()
        (folder / "poetry.lock").write_text(f"{pins}{digest}\n")

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.answer.read_text())
        return told

    @property
    def merged(self) -> str:
        """What git has made of the manifest."""
        return (self.repository.folder / "pyproject.toml").read_text()


def scene(tmp_path: Path, index: Index, below: str = ".") -> Scene:
    top = tmp_path / "work tree"
    top.mkdir()
    repository = Repository(top, top / below, index)
    program, answer = tmp_path / "driver.py", tmp_path / "answer"
    program.write_text(DRIVER)
    repository.git("init", "-q", "-b", "main")
    words = [sys.executable, str(program), str(answer)]
    repository.git("config", "merge.told.driver", f"{shlex.join(words)} %O %A %B %P")
    repository.git("config", "merge.told.recursive", "binary")
    (top / ".gitattributes").write_text("poetry.lock merge=told\n")
    return Scene(repository, answer)


@pytest.fixture
def forked(tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Give a repository of which ``main`` and ``side`` have changed other lines."""
    isolate(monkeypatch)
    made = scene(tmp_path, index, "app")
    made.change()
    made.git("tag", "base")
    made.repository.on("side")
    made.change(line1="1")
    made.change(line3="1")
    made.repository.on("main")
    made.change(line9="1")
    return made


def stash(scene: Scene) -> None:
    scene.git("checkout", "-q", "base")
    scene.edit(line6="7")
    scene.git("stash", "-q")
    scene.git("checkout", "-q", "main")
    scene.git("stash", "pop", code=1)


def stash_on_something_staged(scene: Scene) -> None:
    scene.git("checkout", "-q", "base")
    scene.edit(line6="7")
    scene.git("stash", "-q")
    scene.edit(line11="7")
    scene.git("add", ".")
    scene.git("stash", "pop", code=1)


def pick_on_something_staged(scene: Scene) -> None:
    scene.edit(line11="7")
    scene.git("add", ".")
    scene.git("cherry-pick", "--no-commit", "side~1", code=1)


def revert(scene: Scene) -> None:
    scene.git("revert", "--no-edit", "HEAD~1", code=1)


def reverting(scene: Scene) -> None:
    scene.change(line6="7")
    revert(scene)


def rebase_merges(scene: Scene) -> None:
    scene.git("checkout", "-q", "-b", "topic", "base")
    scene.change(line5="1")
    scene.git("checkout", "-q", "-b", "feature", "base")
    (scene.repository.top / "other").write_text("x")
    scene.repository.save("other")
    scene.git("merge", "-q", "--no-ff", "-m", "topic in", "topic")
    scene.git("rebase", "-q", "--rebase-merges", "main", code=1)


def criss_cross(scene: Scene) -> None:
    scene.git("checkout", "-q", "-B", "one", "base")
    scene.change(line1="1")
    scene.git("checkout", "-q", "-B", "two", "base")
    scene.change(line11="1")
    for branch, other, line in (("one", "two", "line4"), ("two", "one", "line8")):
        scene.git("checkout", "-q", "-B", f"{branch}-more", branch)
        scene.git("merge", "-q", "-m", "crossed", other, code=1)
        (scene.repository.folder / "poetry.lock").write_text(f"joined by {branch}\n")
        scene.repository.save("joined")
        scene.change(**{line: "2"})
    assert len(scene.git("merge-base", "--all", "one-more", "two-more").split()) == 2
    scene.answer.unlink()
    scene.git("merge", "one-more", code=1)


def worktree(scene: Scene) -> None:
    scene.git("worktree", "add", "-q", str(scene.repository.top.parent / "tree"), "main~0")
    other = scene.repository.top.parent / "tree"
    scene.git("-C", str(other), "merge", "side", code=1)
    shutil.copy(other / "app" / "pyproject.toml", scene.repository.folder)


def commands(*words: str, branch: str = "main") -> Callable[[Scene], None]:
    def run(scene: Scene) -> None:
        scene.git("checkout", "-q", branch)
        scene.git(*words, code=1)

    return run


OPERATIONS: dict[str, Callable[[Scene], None]] = {
    "merge": commands("merge", "side"),
    "merge --no-ff with the old strategy": commands("merge", "-s", "recursive", "side"),
    "merge --squash": commands("merge", "--squash", "side"),
    "merge from a subfolder": commands("-C", "app", "merge", "side"),
    "pull": commands("pull", "--no-rebase", ".", "side"),
    "rebase": commands("rebase", "main", branch="side"),
    "rebase --apply": commands("rebase", "--apply", "main", branch="side"),
    "rebase --interactive": commands(
        "-c", "sequence.editor=true", "rebase", "-i", "main", branch="side"
    ),
    "rebase --rebase-merges": rebase_merges,
    "cherry-pick": commands("cherry-pick", "side"),
    "cherry-pick --no-commit": commands("cherry-pick", "-n", "side~1"),
    "cherry-pick of several": commands("cherry-pick", "base..side"),
    "cherry-pick --no-commit onto what is staged": pick_on_something_staged,
    "revert": reverting,
    "stash pop": stash,
    "stash pop onto what is staged": stash_on_something_staged,
    "criss-cross": criss_cross,
    "worktree": worktree,
}


VARIANTS = {"merge --squash", "merge from a subfolder", "pull", "rebase --interactive"}


@pytest.mark.parametrize(
    "operate",
    [
        pytest.param(operate, id=name, marks=[pytest.mark.slow] if name in VARIANTS else [])
        for name, operate in OPERATIONS.items()
    ],
)
def test_the_manifest_that_the_driver_sees_is_what_git_makes(
    operate: Callable[[Scene], None], forked: Scene
) -> None:
    operate(forked)

    told = forked.told()
    assert told.get("text") == forked.merged, told


def test_a_folder_that_was_moved_is_followed(forked: Scene) -> None:
    forked.git("checkout", "-q", "side")
    forked.git("mv", "app", "services")
    forked.repository.save("moved")
    forked.git("checkout", "-q", "main")

    forked.git("merge", "side", code=1)

    merged = (forked.repository.top / "services" / "pyproject.toml").read_text()
    assert "line9 = 1" in merged
    assert forked.told()["text"] == merged


def test_a_project_that_both_sides_began_has_no_base(forked: Scene) -> None:
    for branch in ("left", "right"):
        forked.git("checkout", "-q", "-B", branch, "base")
        new = forked.repository.top / "new"
        new.mkdir()
        (new / "pyproject.toml").write_text("[project]\nname = 'new'\n")
        (new / "poetry.lock").write_text(branch)
        forked.repository.save(branch)

    forked.git("merge", "left", code=1)

    assert forked.told()["text"] == "[project]\nname = 'new'\n"


def test_git_asks_no_driver_about_an_octopus_and_merges_nothing(forked: Scene) -> None:
    forked.git("checkout", "-q", "-b", "third", "base")
    forked.change(line6="1")
    forked.git("checkout", "-q", "main")

    said = forked.git("merge", "side", "third", code=2)

    assert "Should not be doing an octopus" in said
    assert not forked.answer.exists()
    assert forked.repository.status == ""


def in_conflict(scene: Scene) -> None:
    scene.change(line3="5")
    scene.git("merge", "side", code=1)


def of_mailed_patches(scene: Scene) -> None:
    patch = scene.git("format-patch", "--stdout", "base..side~1")
    scene.git("branch", "-D", "side")
    (scene.repository.top.parent / "mail").write_text(patch)
    scene.git("reflog", "expire", "--expire=now", "--all")
    scene.git("am", "--3way", str(scene.repository.top.parent / "mail"), code=128)


def of_what_is_not_committed(scene: Scene) -> None:
    scene.edit(line6="7")
    scene.git("checkout", "--merge", "side")


def with_another_driver(scene: Scene) -> None:
    attributes = scene.repository.top / ".gitattributes"
    attributes.write_text(f"{attributes.read_text()}pyproject.toml merge=other\n")
    scene.git("merge", "side", code=1)


def of_unlike_twins(scene: Scene) -> None:
    """Two commits change the lock alike, and the manifest not."""
    for branch, line in (("twin", "line5"), ("other-twin", "line7")):
        scene.git("checkout", "-q", "-B", branch, "base")
        scene.edit(line1="1")
        lock = (scene.repository.folder / "poetry.lock").read_text()
        manifest = scene.repository.folder / "pyproject.toml"
        manifest.write_text(f"{manifest.read_text()}dependencies = ['{line}']\n")
        (scene.repository.folder / "poetry.lock").write_text(lock)
        scene.repository.save(branch)
    scene.git("checkout", "-q", "main")
    scene.git("cherry-pick", "twin", code=1)


def of_a_deleted_manifest(scene: Scene) -> None:
    (scene.repository.folder / "pyproject.toml").unlink()
    (scene.repository.folder / "poetry.lock").write_text("changed")
    scene.repository.save("deleted")
    scene.git("merge", "side", code=1)


DECLINED: dict[str, tuple[Callable[[Scene], None], str]] = {
    "manifest in conflict": (
        in_conflict,
        "both sides changed the same lines of app/pyproject.toml",
    ),
    "manifest deleted": (
        of_a_deleted_manifest,
        "one side changed app/pyproject.toml, the other deleted it",
    ),
    "manifest of another driver": (with_another_driver, "git merges app/pyproject.toml with other"),
    "am --3way of mailed patches": (of_mailed_patches, "git does not name the commits"),
    "checkout --merge": (of_what_is_not_committed, "git does not name the commits"),
    "two commits with one lock": (of_unlike_twins, "several commits in the history make this"),
}


@pytest.mark.parametrize(("operate", "said"), DECLINED.values(), ids=DECLINED)
def test_what_cannot_be_told_is_declined(
    operate: Callable[[Scene], None], said: str, forked: Scene
) -> None:
    operate(forked)

    assert said in forked.told().get("error", forked.told())
