"""A variant installed, exported, followed and distrusted: its index is asked, and no other."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from index.torch_layout import TorchIndex
from packaging.pylock import Pylock
from solving import project

from poetry_lockguard.snapshots.format import canonical
from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

ANY = ("py3-none-any",)
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
SETTINGS = f"""
[[tool.poetry.source]]
name = "cu128"
url = "URL"
priority = "explicit"

[tool.lockguard.configurations.plain]
python = "{HERE}"
platform = "linux-x86_64"

[tool.lockguard.configurations.gpu]
python = "{HERE}"
platform = "linux-x86_64"
sources = {{ torch = "cu128" }}
constraints = ["torch==2.9.*"]
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="installs a configuration of linux-x86_64"
)


@pytest.fixture
def torch() -> Iterator[TorchIndex]:
    made = TorchIndex()
    made.add("cu128", "torch", "2.9.0+cu128", requires=["filelock", "only-there"], tags=ANY)
    yield made
    made.stop()


@pytest.fixture
def app(
    index: Index, pypi: Pypi, torch: TorchIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    index.add("torch", "2.9.0", requires=["filelock"])
    index.add("torch", "2.10.0", requires=["filelock"])
    index.add("filelock", "3.0")
    index.add("only-there", "1.0")
    pypi(index, here=True, json=False)
    settings = SETTINGS.replace("URL", torch.url("cu128"))
    return project(tmp_path / "app", "torch>=2.9", more=settings)


@pytest.mark.contract
def test_a_variant_is_installed_from_its_own_index(run: Run, app: Path, torch: TorchIndex) -> None:
    assert run("lockguard snapshot create", app).code == 0
    torch.files.asked.clear()

    result = run("lockguard install --snapshot --config gpu", app)

    assert result.code == 0, result.err + result.out
    found = {info.name.split(".dist-info")[0] for info in app.glob(".venv/lib*/*/*/*.dist-info")}
    assert {"torch-2.9.0+cu128", "filelock-3.0", "only_there-1.0"} <= found
    assert any("torch" in path for path in torch.files.asked)
    assert run("lockguard snapshot verify --installed --config gpu", app).code == 0
    assert run("lockguard snapshot record --config gpu", app).code == 0


def test_without_a_manifest_a_variant_of_a_source_of_its_own_is_installed(
    run: Run, app: Path, torch: TorchIndex, tmp_path: Path
) -> None:
    manifest = app / "pyproject.toml"
    own = f'{{ url = "{torch.url("cu128")}" }}'
    manifest.write_text(manifest.read_text().replace('torch = "cu128"', f"torch = {own}"))
    assert run("lockguard snapshot create", app).code == 0
    layer = tmp_path / "layer"
    layer.mkdir()
    (app / "lockguard.lock").rename(layer / "lockguard.lock")

    result = run("lockguard install --snapshot lockguard.lock --config gpu", layer)

    assert result.code == 0, result.err + result.out
    assert [*layer.glob(".venv/lib*/*/*/torch-2.9.0+cu128.dist-info")]


@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "of its own"])
def test_indexes_of_variants_are_asked_about_their_releases(
    run: Run, app: Path, torch: TorchIndex, *, is_declared: bool
) -> None:
    if not is_declared:
        manifest = app / "pyproject.toml"
        own = f'{{ url = "{torch.url("cu128")}" }}'
        manifest.write_text(manifest.read_text().replace('torch = "cu128"', f"torch = {own}"))
    assert run("lockguard fix", app).code == 0
    assert run("lockguard snapshot create", app).code == 0

    online = run("lockguard check --online", app)
    torch.add("cu128", "torch", "2.9.1+cu128", requires=["filelock"], tags=ANY)
    added = run("lockguard snapshot add filelock==3.0 torch==2.9.1+cu128 --no-cache", app)

    assert online.code == 0, online.out
    assert "unreachable" not in online.out
    assert added.code == 0, added.err
    pins = json.loads((app / "lockguard.lock").read_text())["packages"]["torch"]
    assert [one["version"] for one in pins] == ["2.10.0", "2.9.1+cu128", "2.9.0+cu128"]


def test_exports_name_the_index_of_each_package(run: Run, app: Path, torch: TorchIndex) -> None:
    assert run("lockguard snapshot create", app).code == 0

    requirements = run("lockguard snapshot export --config gpu --format requirements", app).out
    plain = run("lockguard snapshot export --config plain --format requirements", app).out
    pylock = run("lockguard snapshot export --config gpu", app).out

    assert f"--extra-index-url {torch.url('cu128')}\n" in requirements
    assert "torch==2.9.0+cu128 \\\n    --hash=sha256:" in requirements
    assert "index-url" not in plain
    packages = {str(one.name): one for one in Pylock.from_dict(loads(pylock)).packages}
    assert packages["torch"].index == torch.url("cu128")
    assert packages["filelock"].index != torch.url("cu128")
    (wheel,) = packages["torch"].wheels or ()
    assert str(wheel.url).startswith(torch.files.base)


def test_a_configuration_that_the_settings_do_not_bind_is_not_trusted(run: Run, app: Path) -> None:
    """Somebody edits the snapshot: the plain configuration now takes torch from the other index."""
    assert run("lockguard snapshot create", app).code == 0
    path = app / "lockguard.lock"
    content = json.loads(path.read_text())
    configurations = content["configurations"]
    configurations["plain"]["packages"] = configurations["gpu"]["packages"]
    content["sha256"] = canonical.seal(content)
    path.write_bytes(canonical.written(content))

    refused = run("lockguard install --snapshot --config plain", app)
    gpu = run("lockguard install --snapshot --config gpu --dry-run", app)

    assert refused.code == 1
    assert "torch: locked at 2.9.0+cu128 from the source cu128" in refused.err
    assert "explicit, but no requirement binds" in refused.err
    assert gpu.code == 0, gpu.err


def test_sync_follows_the_lock_and_keeps_what_only_the_variant_has(
    run: Run, app: Path, index: Index
) -> None:
    assert run("lockguard snapshot create", app).code == 0
    index.add("filelock", "3.1")
    assert run("lockguard fix", app).code == 0
    before = run("lockguard snapshot verify", app)

    synced = run("lockguard snapshot sync", app)

    assert before.code == 1
    assert "gpu, plain: filelock 3.0, but 3.1 in poetry.lock" in before.out
    assert synced.code == 0, synced.err
    content = json.loads((app / "lockguard.lock").read_text())["configurations"]
    assert content["gpu"]["packages"]["filelock"]["version"] == "3.1"
    assert content["gpu"]["packages"]["torch"]["version"] == "2.9.0+cu128"
    assert content["plain"]["packages"]["torch"]["version"] == "2.10.0"
    verified = run("lockguard snapshot verify", app)
    assert verified.code == 0, verified.out
    assert run("lockguard check --deep", app).code == 0


def test_a_derived_file_of_a_variant_is_refused_since_the_lock_does_not_hold_it(
    run: Run, app: Path
) -> None:
    assert run("lockguard fix", app).code == 0

    result = run("lockguard export --config gpu", app)

    assert result.code == 2
    assert "lockguard snapshot export --config gpu" in result.err
