"""CPU and GPU variants of one project, from an index laid out as PyTorch's."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from index.torch_layout import LINUX, MAC, TorchIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

MANIFEST = """
[project]
name = "trainer"
version = "1.0"
requires-python = ">=3.12,<3.13"
dependencies = ["torch>=2.8", "numpy>=1"]

[tool.poetry]
package-mode = false
"""


class Fleet(NamedTuple):
    """A project, PyTorch's index, and how to write the project's manifest."""

    folder: Path
    torch: TorchIndex

    def write(self, settings: str, more: str = "") -> None:
        """Write the manifest with these settings; CUDA and CPU stand for the indexes' URLs."""
        text = MANIFEST + more + settings
        for variant in ("cu128", "cpu", "rocm"):
            text = text.replace(f"URL/{variant}", self.torch.url(variant))
        (self.folder / "pyproject.toml").write_text(text, encoding="utf-8")

    @property
    def snapshot(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "lockguard.lock").read_text())
        return found

    def versions(self, name: str) -> dict[str, str]:
        """Return the version and the source of each package of a configuration."""
        packages = self.snapshot["configurations"][name]["packages"]
        return {key: one["version"] for key, one in packages.items()}


@pytest.fixture
def fleet(index: Index, pypi: Pypi, tmp_path: Path) -> Iterator[Fleet]:
    torch = TorchIndex()
    for version in ("2.8.0", "2.9.0", "2.10.0"):
        index.add("torch", version, requires=["filelock"], tags=[LINUX, MAC], sdist=False)
        torch.add("cpu", "torch", f"{version}+cpu", requires=["filelock"])
        torch.add("cpu", "torch", version, requires=["filelock"], tags=[MAC])
        wanted = ["filelock", "nvidia-cublas", "triton"]
        torch.add("cu128", "torch", f"{version}+cu128", requires=wanted)
    torch.add("cu128", "triton", "3.5.0+git1")
    torch.add("cu128", "nvidia-cublas", "12.8")
    for version in ("2.3", "2.4"):
        index.add("numpy", version)
    index.add("filelock", "3.0")
    index.add("triton", "3.4.0")
    index.add("nvidia-cublas", "12.4")
    pypi(index, here=True, json=False)
    folder = tmp_path / "trainer"
    folder.mkdir()
    yield Fleet(folder, torch)
    torch.stop()


SOURCES = """
[[tool.poetry.source]]
name = "pytorch-cu128"
url = "URL/cu128"
priority = "explicit"
"""
ONE_BY_ONE = """
[tool.lockguard.configurations.plain]
python = "3.12"
platform = "linux-x86_64"

[tool.lockguard.configurations.gpu]
python = "3.12"
platform = "manylinux_2_28_x86_64"
sources = { torch = "pytorch-cu128", triton = "pytorch-cu128" }
constraints = ["torch==2.9.*", "numpy<2.4"]

[tool.lockguard.configurations.cpu]
python = "3.12"
platform = "manylinux_2_28_x86_64"
sources = { torch = { name = "torch-cpu", url = "URL/cpu" } }
"""


@pytest.mark.contract
def test_each_variant_takes_its_own_versions_from_its_own_index(run: Run, fleet: Fleet) -> None:
    fleet.write(ONE_BY_ONE.replace("linux-x86_64", "manylinux_2_28_x86_64"), SOURCES)

    created = run("lockguard snapshot create", fleet.folder)

    assert created.code == 0, created.err
    assert fleet.versions("plain") == {"torch": "2.10.0", "numpy": "2.4", "filelock": "3.0"}
    assert fleet.versions("gpu") == {
        "torch": "2.9.0+cu128",
        "triton": "3.5.0+git1",
        "nvidia-cublas": "12.4",
        "numpy": "2.3",
        "filelock": "3.0",
    }
    assert fleet.versions("cpu")["torch"] == "2.10.0+cpu"
    gpu = fleet.snapshot["configurations"]["gpu"]
    assert gpu["constraints"] == ["numpy (<2.4)", "torch (==2.9.*)"]
    assert gpu["sources"]["torch"]["name"] == "pytorch-cu128"
    again = run("lockguard snapshot create", fleet.folder)
    assert "unchanged" in again.out
    verified = run("lockguard snapshot verify", fleet.folder)
    assert verified.code == 0, verified.out + verified.err


def test_axes_multiply_with_variants(run: Run, fleet: Fleet) -> None:
    fleet.write(
        """
[tool.lockguard.matrix]
python = ["3.12"]
platform = ["manylinux_2_28_x86_64", "macos-arm64"]
exclude = [{ platform = "macos-arm64", variant = "gpu" }]

[tool.lockguard.matrix.variants.plain]

[tool.lockguard.matrix.variants.gpu]
sources = { torch = "pytorch-cu128" }
constraints = ["torch<2.10"]
""",
        SOURCES,
    )

    listed = json.loads(run("lockguard matrix", fleet.folder).out)["configurations"]
    created = run("lockguard snapshot create", fleet.folder)

    assert created.code == 0, created.err
    named = {one["name"]: (one.get("sources", {}), one.get("constraints", [])) for one in listed}
    gpu = "manylinux_2_28_x86_64-py312-gpu"
    assert named == {
        "manylinux_2_28_x86_64-py312-plain": ({}, []),
        gpu: ({"torch": "pytorch-cu128"}, ["torch (<2.10)"]),
        "macos-arm64-py312-plain": ({}, []),
    }
    assert fleet.versions(gpu)["torch"] == "2.9.0+cu128"
    assert run("lockguard snapshot verify", fleet.folder).code == 0
    shown = run("lockguard snapshot show --format html", fleet.folder).out
    assert "torch from pytorch-cu128" in shown
    assert "pytorch-cu128 for torch, torch (&lt;2.10)" not in shown  # that is the terminal's


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'torch = "pytorch-cu128"',
            'torch = { name = "elsewhere", url = "URL/cpu" }',
            "gpu: sources torch pytorch-cu128",
        ),
        ("torch==2.9.*", "torch<2.9", "torch (==2.9.*) -> numpy (<2.4), torch (<2.9)"),
    ],
    ids=["another source", "another constraint"],
)
def test_a_change_of_a_variant_is_drift(
    run: Run, fleet: Fleet, old: str, new: str, said: str
) -> None:
    fleet.write(ONE_BY_ONE, SOURCES)
    assert run("lockguard snapshot create", fleet.folder).code == 0
    fleet.write(ONE_BY_ONE.replace(old, new), SOURCES)

    verified = run("lockguard snapshot verify", fleet.folder)

    assert verified.code == 1
    assert said in verified.out
    assert run("lockguard snapshot create --config gpu", fleet.folder).code == 0
    assert run("lockguard snapshot verify", fleet.folder).code == 0


def test_a_constraint_that_contradicts_the_manifest_is_an_error_with_both(
    run: Run, fleet: Fleet
) -> None:
    fleet.write(ONE_BY_ONE.replace("torch==2.9.*", "torch<2.8"), SOURCES)

    created = run("lockguard snapshot create", fleet.folder)

    assert created.code == 1
    said = "the constraint torch (<2.8) of gpu contradicts pyproject.toml, which requires torch"
    assert f"{said} (>=2.8)" in " ".join(created.err.split())
    assert not (fleet.folder / "lockguard.lock").exists()


def test_a_constraint_that_leaves_no_version_is_named_with_the_solvers_reason(
    run: Run, fleet: Fleet
) -> None:
    fleet.write(ONE_BY_ONE.replace("numpy<2.4", "filelock<3.0"), SOURCES)

    created = run("lockguard snapshot create", fleet.folder)

    assert created.code == 1
    assert "gpu has the constraints filelock (<3.0)" in created.err
    assert "bind it" not in created.err  # the index has filelock


def test_a_package_that_only_the_index_of_a_variant_has_is_to_be_bound_to_it(
    run: Run, fleet: Fleet, index: Index
) -> None:
    index.remove("triton")
    unbound = re.sub(r", triton = [^,}]*", "", ONE_BY_ONE)
    fleet.write(unbound, SOURCES)

    created = run("lockguard snapshot create", fleet.folder)

    assert unbound != ONE_BY_ONE
    assert created.code == 1
    assert "if it is only at pytorch-cu128, bind it in the sources of gpu." in created.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"pytorch-cu128", triton', '"pytorch-cu129", triton', "declares no source pytorch-cu129"),
        ('"numpy<2.4"', '"numpy"', "numpy has no range of versions"),
        ('"numpy<2.4"', '"numpy=<2"', "numpy=<2 is not a constraint"),
        ("URL/cpu", "ftp://host/cpu", "configurations.cpu.sources.torch: the url"),
        ("URL/cpu", "https://user:word@host/cpu", "contains credentials"),
        ('name = "torch-cpu"', 'name = "pytorch-cu128"', "is the name of another source"),
        ('url = "URL/cpu"', 'link = "URL/cpu"', "link: unknown key; the nearest known one is"),
        ('torch = "pytorch-cu128"', "torch = 1", "expected the name of a source"),
        ("constraints = [", "constraint = [", "the nearest known one is constraints"),
    ],
)
def test_mistakes_in_a_variant_are_named(
    run: Run, fleet: Fleet, old: str, new: str, said: str
) -> None:
    assert old in ONE_BY_ONE
    fleet.write(ONE_BY_ONE.replace(old, new), SOURCES)

    created = run("lockguard snapshot create", fleet.folder)

    assert created.code == 2
    assert said in created.err
