"""Every place that may name a stand-in is asked, in order, and each address once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.bridge.candidates import candidates, pip_configurations
from poetry_lockguard.bridge.network import Network

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
            "PIP_INDEX_URL": "https://user:pw@e.example/simple",
            "UV_DEFAULT_INDEX": "company=https://f.example/simple",
            "UV_INDEX_URL": "https://f.example/simple/",
            "PIP_CONFIG_FILE": str(configuration),
            "HOME": str(tmp_path / "nobody"),
        },
    )

    found = [candidate.url for candidate in candidates(PAGES, network)]

    assert found[:8] == [
        "https://pypi.example/simple",
        "https://a.example/simple",
        "https://b.example/simple",
        "https://c.example/simple",
        "https://d.example/simple",
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
