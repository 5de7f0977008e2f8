"""``update --security`` lifts what the policy's advisories are about, and tells what stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from solving import project

from poetry_lockguard.lockfile.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

POLICY = '[tool.lockguard.policy]\nadvisories = "advisories"\n'


@pytest.fixture
def publish(index: Index, pypi: Pypi) -> Callable[[], None]:
    """Serve a first generation of packages; give what publishes the second."""
    index.add("engine", "1.0", requires=["gear"])
    index.add("wing", "1.0", requires=["gear<2"])
    index.add("gear", "1.0")
    index.add("tail", "1.0")
    pypi(index, here=True)

    def second() -> None:
        index.add("engine", "1.1", requires=["gear"])
        index.add("engine", "1.2", requires=["gear"])
        index.add("gear", "1.1")
        index.add("gear", "2.0")
        index.add("tail", "1.1")

    return second


def record(number: int, name: str, *fixed: str) -> dict[str, object]:
    events = [{"introduced": "0"}, *({"fixed": version} for version in fixed)]
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": f"PYSEC-2026-{number}", "affected": [affected]}


def locked(
    folder: Path, run: Run, publish: Callable[[], None], *records: dict[str, object]
) -> Path:
    """Give a project whose lock became vulnerable after it was made."""
    made = project(folder, "engine", "wing", "tail", more=POLICY)
    (made / "advisories").mkdir()
    (made / "advisories" / "other.json").write_text(json.dumps(record(0, "balloon", "1.0")))
    assert run("lockguard fix", made).code == 0
    for number, one in enumerate(records):
        (made / "advisories" / f"{number}.json").write_text(json.dumps(one))
    publish()
    return made


def pins(folder: Path) -> dict[str, str]:
    lock = parse((folder / "poetry.lock").read_bytes())
    return {pin.name: pin.version for pin in lock.pins}


def test_vulnerable_pins_go_to_the_lowest_version_without_an_advisory(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    found = (record(1, "engine", "1.1"), record(2, "tail", "1.1"))
    folder = locked(tmp_path / "plane", run, publish, *found)
    assert run("lockguard check", folder).code == 1

    result = run("lockguard update --security", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "tail": "1.1", "wing": "1.0"}
    assert run("lockguard check", folder).code == 0


def test_what_cannot_be_lifted_is_told_and_keeps_no_other_down(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    found = (record(1, "engine", "1.1"), record(2, "gear", "2.0"), record(3, "wing"))
    folder = locked(tmp_path / "plane", run, publish, *found)

    result = run("lockguard update --security", folder)

    assert result.code == 1
    assert pins(folder) == {"engine": "1.1", "gear": "1.0", "tail": "1.0", "wing": "1.0"}, result
    assert "  vulnerable   gear: gear 2.0 is not possible: wing 1.0 needs gear (<2" in result.out
    assert "  vulnerable   wing: no version without PYSEC-2026-3 is known" in result.out


def test_a_record_that_names_the_last_affected_version_lifts_to_the_newest(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    one = record(1, "engine")
    one["affected"][0]["ranges"][0]["events"].append({"last_affected": "1.1"})  # type: ignore[index]
    folder = locked(tmp_path / "plane", run, publish, one)

    result = run("lockguard update --security", folder)

    assert result.code == 0, result.err
    assert pins(folder)["engine"] == "1.2"


def test_a_record_without_an_end_is_told_if_no_newer_version_helps(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = locked(tmp_path / "plane", run, publish, record(1, "engine"), record(2, "tail", "1.1"))

    result = run("lockguard update --security", folder)

    assert result.code == 1
    assert pins(folder) == {"engine": "1.0", "gear": "1.0", "tail": "1.1", "wing": "1.0"}
    assert "  vulnerable   engine: no version without PYSEC-2026-1 is known" in result.out


def test_fixes_that_exclude_each_other_give_way_to_newer_ones(
    tmp_path: Path, run: Run, index: Index, publish: Callable[[], None]
) -> None:
    found = (record(1, "engine", "1.3"), record(2, "gear", "1.1"))
    folder = locked(tmp_path / "plane", run, publish, *found)
    index.add("engine", "1.3", requires=["gear==1.0"])
    index.add("engine", "1.4", requires=["gear"])

    result = run("lockguard update --security", folder)

    assert result.code == 0, result.err
    assert pins(folder) == {"engine": "1.4", "gear": "1.1", "tail": "1.0", "wing": "1.0"}


def test_a_lock_without_a_vulnerable_pin_is_left_alone(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = locked(tmp_path / "plane", run, publish, record(1, "balloon", "2.0"))

    result = run("lockguard update --security", folder)
    document = json.loads(run("lockguard update --security --format json", folder).out)

    assert result.code == 0
    assert result.out == "poetry.lock: no pin has a known vulnerability\n"
    assert (document["status"], document["held"]) == ("fresh", [])


def test_an_ordinary_update_may_leave_a_vulnerable_pin_where_it_is(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = locked(tmp_path / "plane", run, publish, record(1, "engine", "1.1"))

    result = run("lockguard update tail", folder)

    assert result.code == 0, result.err
    assert pins(folder)["tail"] == "1.1"


def test_a_refusal_is_not_blamed_on_an_advisory(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = locked(tmp_path / "plane", run, publish, record(1, "engine", "1.1"))

    result = run("lockguard update tail==9", folder)

    assert result.code == 1
    assert "no index has tail 9" in result.err
    assert "poetry.lock is untouched." in result.err
    assert "PYSEC-2026-1" not in result.err


@pytest.mark.parametrize("options", ["--security engine", ""])
def test_names_and_security_do_not_go_together(
    options: str, tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = locked(tmp_path / "plane", run, publish)

    result = run(f"lockguard update {options}", folder)

    assert result.code == 2
    assert "name the packages to move, or use --security" in result.err


def test_without_advisories_there_is_nothing_to_go_by(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = project(tmp_path / "plane", "engine")
    assert run("lockguard fix", folder).code == 0

    result = run("lockguard update --security", folder)

    assert result.code == 2
    assert "no advisories are configured" in result.err


def test_an_export_of_a_vulnerable_lock_names_the_update_that_lifts_it(
    tmp_path: Path, run: Run, publish: Callable[[], None]
) -> None:
    folder = locked(tmp_path / "plane", run, publish, record(1, "engine", "1.1"))

    refused = run("lockguard export --format requirements", folder)
    assert refused.code == 1
    assert "nothing was exported; run `poetry lockguard update --security` first" in refused.err
    assert run("lockguard update --security", folder).code == 0

    assert "engine==1.1" in run("lockguard export --format requirements", folder).out
