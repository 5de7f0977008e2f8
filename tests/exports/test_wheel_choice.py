"""Which file an installer takes: as Poetry's own installer decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cleo.exceptions import CleoError
from hypothesis import given
from hypothesis import strategies as some
from packaging.utils import canonicalize_name
from poetry.core.packages.package import Package
from poetry.core.packages.utils.link import Link
from poetry.installation.chooser import Chooser
from poetry.repositories.repository import Repository
from poetry.repositories.repository_pool import RepositoryPool
from poetry.utils.env import MockEnv
from snapshot_values import COMMIT, PRIVATE, entry, hashed, steady, target

from poetry_lockguard.exports.wheel_choice import Built, Choice, Nothing, Unknown, Wheel, choice
from poetry_lockguard.snapshots.origins import Directory, LocalFile, Url
from poetry_lockguard.targets.target import wheel_tags

if TYPE_CHECKING:
    from poetry_lockguard.snapshots.document import PackageEntry

MANY, ANY = "x-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "x-1.0-py3-none-any.whl"
LIMITED = "x-1.0-cp38-abi3-manylinux_2_12_x86_64.whl"
OTHER = "x-1.0-cp312-cp312-win_amd64.whl"
SOURCE = "x-1.0.tar.gz"


def files(*names: str) -> dict[str, str]:
    return {name: hashed() for name in names}


CHOICES: dict[str, tuple[PackageEntry, Choice]] = {
    "the most specific wheel": (entry(files=files(ANY, MANY, LIMITED, SOURCE)), Wheel(MANY)),
    "the stable interface before pure": (entry(files=files(ANY, LIMITED, OTHER)), Wheel(LIMITED)),
    "the highest build": (
        entry(files=files(MANY, "x-1.0-2-py3-none-any.whl", "x-1.0-10-py3-none-any.whl")),
        Wheel("x-1.0-10-py3-none-any.whl"),
    ),
    "no wheel": (entry(files=files(OTHER, SOURCE)), Built(SOURCE)),
    "nothing": (entry(files=files(OTHER)), Nothing()),
    "another package's": (entry(files=files("y-1.0-py3-none-any.whl")), Nothing()),
    "no files": (entry(files={}, source=PRIVATE), Unknown("the index gave no files")),
    "a repository": (entry(files={}, source=COMMIT), Built("the repository")),
    "a folder": (entry(files={}, source=Directory(path="../x")), Built("../x")),
    "an archive": (
        entry(files={}, source=Url(url="https://forge.example/a/main.zip?raw=1#part")),
        Built("main.zip"),
    ),
    "a wheel by its address": (
        entry(files={}, source=Url(url=f"https://forge.example/{MANY}")),
        Wheel(MANY),
    ),
    "a wheel of another platform on disk": (
        entry(files=files(OTHER), source=LocalFile(path=f"wheels/{OTHER}")),
        Nothing(),
    ),
}


@pytest.mark.parametrize(("pin", "chosen"), CHOICES.values(), ids=CHOICES)
def test_an_installer_takes(pin: PackageEntry, chosen: Choice) -> None:
    assert choice("x", pin, target()) == chosen


def test_of_an_unknown_platform_nothing_is_known() -> None:
    found = choice("x", entry(files=files(MANY)), target(platform="plan9_386"))

    assert isinstance(found, Unknown)
    assert found.reason.startswith("plan9_386: not a known platform")


class Shelf(Repository):
    """A repository that has these files, and nothing else."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("PyPI")
        self.links = [
            Link(f"https://mirror.example/{name}#{hashed()}".replace("sha256:", "sha256="))
            for name in names
        ]

    def find_links_for_package(self, package: Package) -> list[Link]:  # noqa: ARG002 - Poetry's signature
        return self.links


NAMES = [
    f"x-1.0{build}-{tag}.whl"
    for build in ("", "-1", "-2a")
    for tag in (
        "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
        "cp311-cp311-manylinux_2_28_x86_64",
        "cp311-cp311-manylinux_2_5_x86_64",
        "cp311-abi3-manylinux_2_12_x86_64",
        "cp39-abi3-linux_x86_64",
        "cp311-none-any",
        "py3-none-manylinux1_x86_64",
        "py2.py3-none-any",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp311-cp311-macosx_11_0_arm64",
    )
]


@pytest.mark.contract
@steady
@given(some.sets(some.sampled_from([*NAMES, SOURCE]), min_size=1))
def test_the_choice_is_that_of_poetrys_installer(names: set[str]) -> None:
    there = target(platform="manylinux_2_17_x86_64")
    environment = MockEnv(supported_tags=[*wheel_tags("3.11", "cpython", "manylinux_2_17_x86_64")])
    package = Package(canonicalize_name("x"), "1.0")
    package.files = [{"file": name, "hash": hashed()} for name in sorted(names)]
    chooser = Chooser(RepositoryPool([Shelf(sorted(names))]), environment)

    chosen = choice("x", entry(files=files(*names)), there)

    try:
        taken = chooser.choose_for(package).filename
    except (RuntimeError, CleoError):  # which of them depends on the release
        assert chosen == Nothing()
    else:
        assert chosen == (Wheel(taken) if taken.endswith(".whl") else Built(taken))
