"""What stops an installation is printed once, however many packages it stops."""

from __future__ import annotations

from poetry_lockguard.report.install import failure_lines

DOWN = "own: mirror.example cannot be reached: connection refused"


def test_what_stops_many_packages_is_one_line() -> None:
    failures = [f"part-{number} (1.0): {DOWN}" for number in range(5)]

    assert failure_lines([*failures, "odd (2.0): ValueError: no wheel"]) == [
        f"lockguard: part-0 (1.0), part-1 (1.0), part-2 (1.0) and 2 more: {DOWN}",
        "lockguard: odd (2.0): ValueError: no wheel",
    ]


def test_failures_of_no_package_stay_as_they_are() -> None:
    assert failure_lines(["No space left", "Interrupted"]) == [
        "lockguard: No space left",
        "lockguard: Interrupted",
    ]
