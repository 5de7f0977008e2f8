"""Every place that may name a stand-in is asked, in order, and each address once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.index.network import Network
from poetry_lockguard.mirrors.candidates import API, candidates, chosen, pip_configurations

if TYPE_CHECKING:
    from pathlib import Path

PAGES = "https://pypi.example/simple/"


def test_candidates_come_in_order_and_once(tmp_path: Path) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://g.example/simple\nretries = 3\n")
    network = Network(
        mirrors=("https://a.example/simple/",),
        settings_mirrors=("https://b.example/simple", "https://a.example/simple"),
        environ={
            "LOCKGUARD_MIRRORS": "https://c.example/simple, https://d.example/simple",
            "POETRY_PYPI_MIRROR_URL": "https://plugin.example/simple/",
            "PIP_INDEX_URL": "https://user:pw@e.example/simple",
            "UV_DEFAULT_INDEX": "company=https://f.example/simple",
            "UV_INDEX_URL": "https://f.example/simple/",
            "PIP_CONFIG_FILE": str(configuration),
            "HOME": str(tmp_path / "nobody"),
        },
    )

    found = [candidate.url for candidate in candidates(PAGES, network)]

    assert found[:9] == [
        "https://pypi.example/simple",
        "https://a.example/simple",
        "https://b.example/simple",
        "https://c.example/simple",
        "https://d.example/simple",
        "https://plugin.example/simple",
        "https://user:pw@e.example/simple",
        "https://f.example/simple",
        "https://g.example/simple",
    ]


def test_a_broken_pip_configuration_names_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "pip.conf"
    broken.write_bytes(b"\xff not [ini")
    environ = {"PIP_CONFIG_FILE": str(broken), "HOME": str(tmp_path)}

    found = [*candidates(PAGES, Network(environ=environ))]

    assert str(broken) not in [candidate.origin for candidate in found]


def test_pip_can_be_told_to_read_no_configuration() -> None:
    assert [*pip_configurations({"PIP_CONFIG_FILE": "/dev/null"})] == []


def machine(tmp_path: Path) -> dict[str, str]:
    return {"PIP_INDEX_URL": "https://pip.example/simple", "HOME": str(tmp_path)}


def test_auto_is_no_address(tmp_path: Path) -> None:
    environ = {**machine(tmp_path), "LOCKGUARD_MIRRORS": "auto https://b.example/simple"}
    network = Network(settings_mirrors=("auto", "https://a.example/simple"), environ=environ)

    found = [candidate.url for candidate in candidates(PAGES, network)]

    assert found[:4] == [
        "https://pypi.example/simple",
        "https://a.example/simple",
        "https://b.example/simple",
        "https://pip.example/simple",
    ]


def test_auto_stands_for_pypi_and_the_machine_at_its_place(tmp_path: Path) -> None:
    environ = {
        **machine(tmp_path),
        "LOCKGUARD_MIRRORS": "https://a.example/simple/ https://b.example/simple",
    }
    network = Network(settings_mirrors=("https://a.example/simple", "auto"), environ=environ)

    found = [*chosen("https://pypi.example/", PAGES, network)]

    automatic = [(one.url, one.origin) for one in found[1:-1] if one.by_auto]
    assert automatic[:2] == [
        ("https://pypi.example", API),
        ("https://pypi.example/simple", "PyPI's simple index"),
    ]
    assert automatic[2] == ("https://pip.example/simple", "PIP_INDEX_URL")
    assert [(one.url, one.by_auto) for one in (found[0], found[-1])] == [
        ("https://a.example/simple", False),
        ("https://b.example/simple", False),
    ]


def test_without_auto_neither_pypi_nor_the_machine_is_asked(tmp_path: Path) -> None:
    network = Network(settings_mirrors=("https://a.example/simple",), environ=machine(tmp_path))

    assert [one.url for one in chosen("https://pypi.example/", PAGES, network)] == [
        "https://a.example/simple"
    ]
    assert [*chosen("https://pypi.example/", PAGES, Network(environ=machine(tmp_path)))] == []
