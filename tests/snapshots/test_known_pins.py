"""That a pin was read before spares no mistake its message."""

from __future__ import annotations

import pytest
from snapshot_values import ENGINE

from poetry_lockguard.snapshots.damage import SnapshotError
from poetry_lockguard.snapshots.format import canonical, reader, writer

SOUND = canonical.written(writer.document(ENGINE))
PIN = b'"reproducible": true,\n        "requires_python"'


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        pytest.param(
            PIN, PIN.replace(b"true", b"1"), "expected true or false, not 1", id="a 1 for true"
        ),
        pytest.param(
            PIN,
            b'"reproducible": true,\n "reproducible": true,\n        "requires_python"',
            "occurs more than once",
            id="a key twice, with one value",
        ),
        pytest.param(b'"files": {', b'"files": {"a-1.0.zip": "md5:0",', "hash", id="a file more"),
    ],
)
def test_a_pin_that_only_seems_the_same_is_read_again(old: bytes, new: bytes, mistake: str) -> None:
    assert old in SOUND
    assert reader.parse(SOUND, "first").snapshot == ENGINE

    with pytest.raises(SnapshotError, match=mistake):
        reader.parse(SOUND.replace(old, new, 1), "second")


def test_a_file_twice_in_a_pin_is_named_although_the_pin_is_known() -> None:
    line = next(one for one in SOUND.splitlines() if b'.whl": "sha256:' in one)
    twice = line.rstrip(b",") + b",\n" + line
    assert reader.parse(SOUND, "first").snapshot == ENGINE

    with pytest.raises(SnapshotError, match="more than once"):
        reader.parse(SOUND.replace(line, twice, 1), "second")
