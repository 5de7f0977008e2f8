"""Which versions an OSV record affects, by the rules of the OSV schema and the order of PEP 440."""

from __future__ import annotations

from typing import Any

import pytest

from poetry_lockguard.policy.advisories import Advisories, Advisory
from poetry_lockguard.policy.osv import record

PYPI = {"ecosystem": "PyPI", "name": "demo"}


def osv(*events: dict[str, str], identifier: str = "PYSEC-1", **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [*events]}] if events else []
    affected = {"package": PYPI, "ranges": ranges}
    for key in ("versions", "ranges", "package"):
        if key in more:
            affected[key] = more.pop(key)
    return {"id": identifier, "affected": [affected], **more}


def advisories(*documents: dict[str, Any]) -> Advisories:
    return Advisories(found for data in documents if (found := record(data)))


def is_affected(version: str, document: dict[str, Any]) -> bool:
    return bool(advisories(document).affecting("demo", version))


ZERO = {"introduced": "0"}
RANGES = {
    "until it was fixed": ([ZERO, {"fixed": "1.2"}], {"0.1", "1.1.9", "1.2rc1"}, {"1.2", "2.0"}),
    "from an introduction": ([{"introduced": "1.0"}], {"1.0", "9"}, {"0.9", "1.0rc1"}),
    "up to a last version": ([ZERO, {"last_affected": "1.2"}], {"1.2", "1.2+cu118"}, {"1.2.1"}),
    "twice": (
        [ZERO, {"fixed": "1.0"}, {"introduced": "2.0"}, {"fixed": "2.5"}],
        {"0.5", "2.0", "2.4"},
        {"1.0", "1.9", "2.5"},
    ),
    "in any order of events": (
        [{"fixed": "2.5"}, {"introduced": "2.0"}, {"fixed": "1.0"}, ZERO],
        {"0.5", "2.0"},
        {"1.0", "2.5"},
    ),
    "only one version": ([{"introduced": "1.0"}, {"last_affected": "1.0"}], {"1.0"}, {"1.0.1"}),
    "again in the version of the fix": (
        [ZERO, {"fixed": "1.0"}, {"introduced": "1.0"}, {"fixed": "1.1"}],
        {"0.9", "1.0"},
        {"1.1"},
    ),
    "below a limit": ([ZERO, {"limit": "2.0"}], {"1.9", "2.0rc1"}, {"2.0"}),
    "below the highest limit": ([ZERO, {"limit": "2.0"}, {"limit": "3.0"}], {"2.5"}, {"3.0"}),
    "below no limit": ([ZERO, {"limit": "2.0"}, {"limit": "*"}], {"9.9"}, set[str]()),
    "across epochs": ([ZERO, {"fixed": "1!1.0"}], {"2024.1"}, {"1!1.0"}),
    "with a fix that is no version": ([ZERO, {"fixed": "trunk-5"}], {"1.0", "9.9"}, set[str]()),
    "in developer and post releases": (
        [{"introduced": "1.0.dev1"}, {"fixed": "1.0.post2"}],
        {"1.0.dev2", "1.0a1", "1.0", "1.0.post1"},
        {"1.0.dev0", "1.0.post2"},
    ),
}


@pytest.mark.parametrize(("events", "affected", "safe"), RANGES.values(), ids=RANGES)
def test_a_version_is_affected(
    events: list[dict[str, str]], affected: set[str], safe: set[str]
) -> None:
    document = osv(*events)

    assert {one for one in affected | safe if is_affected(one, document)} == affected


def test_versions_may_be_named_one_by_one() -> None:
    document = osv(versions=["1.0.0", "v2.0-RC1", "3.0+cu118"])

    found = {
        one
        for one in ("1.0.0", "1.0.0+cpu", "2.0rc1", "3.0", "3.0+cu118", "1.1")
        if is_affected(one, document)
    }

    assert found == {"1.0.0", "1.0.0+cpu", "2.0rc1", "3.0+cu118"}


def test_one_of_several_ranges_suffices() -> None:
    ranges = [
        {"type": "ECOSYSTEM", "events": [ZERO, {"fixed": "1.0"}]},
        {"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"fixed": "2.1"}]},
    ]
    found = advisories(osv(ranges=ranges))

    assert [one.fixed for one in found.affecting("demo", "2.0.5")] == [("2.1",)]
    assert found.affecting("demo", "1.5") == ()


def test_commits_are_no_versions() -> None:
    ranges = [{"type": "GIT", "repo": "https://forge.example/demo", "events": [ZERO]}]

    assert not is_affected("1.0", osv(ranges=ranges))


@pytest.mark.parametrize(
    "document",
    [
        osv(ZERO, withdrawn="2026-01-01T00:00:00Z"),
        osv(ZERO, package={"ecosystem": "npm", "name": "demo"}),
        osv(ZERO, package={"ecosystem": "PyPI", "name": "demo-2"}),
        {"id": "PYSEC-1"},
        {"id": "PYSEC-1", "affected": [{"ranges": []}, {"package": "demo"}, 5]},
    ],
    ids=["withdrawn", "another ecosystem", "another package", "nothing affected", "odd shapes"],
)
def test_a_record_does_not_concern_a_package(document: dict[str, Any]) -> None:
    assert not is_affected("1.0", document)


def test_a_name_is_normalized() -> None:
    assert is_affected("1.0", osv(ZERO, package={"ecosystem": "PyPI", "name": "Demo"}))


@pytest.mark.parametrize("document", [[], None, {}, {"id": 5}, {"id": "X", "affected": {}}])
def test_what_is_no_record_is_said(document: Any) -> None:
    with pytest.raises(ValueError, match="no OSV record"):
        record(document)


def test_records_of_one_vulnerability_are_one_advisory() -> None:
    found = advisories(
        osv(ZERO, {"fixed": "1.2"}, identifier="GHSA-a", aliases=["CVE-2026-1"], summary="Bad"),
        osv(ZERO, {"fixed": "1.3"}, identifier="PYSEC-9", aliases=["CVE-2026-1"]),
        osv(ZERO, {"fixed": "1.1"}, identifier="PYSEC-10"),
    )

    assert found.affecting("demo", "1.0") == (
        Advisory(id="PYSEC-10", fixed=("1.1",)),
        Advisory(
            id="PYSEC-9", aliases=("GHSA-a", "CVE-2026-1"), summary="Bad", fixed=("1.2", "1.3")
        ),
    )


def test_the_lowest_fix_is_affected_by_nothing_else() -> None:
    found = advisories(
        osv(ZERO, {"fixed": "1.2"}),
        osv({"introduced": "1.2"}, {"fixed": "1.4"}, identifier="PYSEC-2"),
        osv({"introduced": "1.4"}, {"last_affected": "1.4"}, identifier="PYSEC-3"),
        osv({"introduced": "1.5"}, {"fixed": "1.6"}, identifier="PYSEC-4"),
    )

    assert found.lowest_fix("demo", "1.0") == "1.6"
    assert found.lowest_fix("demo", "1.0", ignored=frozenset({"PYSEC-3"})) == "1.4"
    assert found.lowest_fix("demo", "1.6") is None
    assert found.lowest_fix("other", "1.0") is None
