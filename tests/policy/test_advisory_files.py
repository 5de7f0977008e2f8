"""OSV records come from a file, a folder or a zip archive, and none of them can do harm."""

from __future__ import annotations

import json
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from poetry_lockguard.errors import SettingsError
from poetry_lockguard.policy import advisory_files
from poetry_lockguard.policy.advisory_files import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poetry_lockguard.policy.advisories import Advisories


def osv(name: str, identifier: str = "PYSEC-1", **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    package = {"ecosystem": "PyPI", "name": name}
    return {"id": identifier, "affected": [{"package": package, "ranges": ranges}], **more}


def archive(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def folder(path: Path, members: dict[str, str]) -> Path:
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content)
    return path


def ids(found: Advisories, *names: str) -> list[str]:
    return [one.id for name in names for one in found.affecting(name, "1.0")]


TWO = {"a/one.json": json.dumps(osv("demo")), "b/two.json": json.dumps(osv("Other_Name", "X-2"))}


def test_records_are_in_a_folder(tmp_path: Path) -> None:
    place = folder(tmp_path / "db", {**TWO, "README.md": "none"})

    assert ids(load(place, {"demo", "other-name"}), "demo", "other-name") == ["PYSEC-1", "X-2"]


def test_records_are_in_an_archive(tmp_path: Path) -> None:
    place = archive(tmp_path / "db.zip", {**TWO, "README.md": "none"})

    assert ids(load(place, {"demo", "other-name"}), "demo", "other-name") == ["PYSEC-1", "X-2"]


@pytest.mark.parametrize("many", [False, True], ids=["one", "a list"])
def test_records_are_in_a_file(many: bool, tmp_path: Path) -> None:
    place = tmp_path / "db.json"
    place.write_text(json.dumps([osv("demo")] if many else osv("demo")))

    assert ids(load(place, {"demo"}), "demo") == ["PYSEC-1"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    place = tmp_path / "db.json"
    place.write_text(json.dumps(osv("demo")))
    load(place, {"demo"})
    place.write_text(json.dumps(osv("demo", "PYSEC-22")))

    assert ids(load(place, {"demo"}), "demo") == ["PYSEC-22"]


def test_a_name_with_an_escape_is_understood(tmp_path: Path) -> None:
    place = tmp_path / "db.json"
    place.write_text(json.dumps(osv("demo")).replace('"demo"', '"d\\u0065mo"'))

    assert ids(load(place, {"demo"}), "demo") == ["PYSEC-1"]


WRONG = {
    "nothing": ("", "no OSV record (*.json) is there"),
    "no JSON": ('{"name": "demo"', "not valid JSON"),
    "another shape": ('{"name": "demo"}', 'no OSV record: it has no "id"'),
    "too deep": ('{"name": "demo", "x": ' + "[" * 100_000, "nested too deeply"),
    "a number without end": ('{"name": "demo", "x": ' + "9" * 9_999 + "}", "not valid JSON"),
}


@pytest.mark.parametrize("kind", ["folder", "archive", "file"])
@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_records_is_said(
    content: str, message: str, kind: str, tmp_path: Path
) -> None:
    members = {"one.json": content} if content else {}
    place = tmp_path / "db"
    if kind == "file":
        place.write_text(content)
    elif kind == "folder":
        place.mkdir()
        folder(place, members)
    else:
        archive(place, members)

    with pytest.raises(SettingsError) as error:
        load(place, {"demo"})

    assert (message if content or kind != "file" else "not valid JSON") in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"db\.zip: .*No such file"):
        load(tmp_path / "db.zip", {"demo"})


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "db.json")

    with pytest.raises(SettingsError, match="not a regular file"):
        load(tmp_path / "db.json", {"demo"})


def test_a_device_in_a_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "zero.json").symlink_to("/dev/zero")

    with pytest.raises(SettingsError, match="not a regular file"):
        load(tmp_path / "db", {"demo"})


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisory_files, "ONE", 1 << 20)
    place = archive(tmp_path / "db.zip", {"one.json": b" " * (8 << 20)})

    with pytest.raises(SettingsError, match="a record larger than 1 MiB"):
        load(place, {"demo"})


def test_many_small_records_are_bounded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_files, "ALL", 1 << 20)
    place = archive(tmp_path / "db.zip", {f"{at}.json": b" " * (1 << 19) for at in range(3)})

    with pytest.raises(SettingsError, match="more than 1 MiB of records"):
        load(place, {"demo"})


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    place = archive(tmp_path / "db.zip", TWO)
    content = place.read_bytes()
    for end in range(4, len(content), 7):
        place.write_bytes(content[:end])
        with pytest.raises(SettingsError, match="cannot be read"):
            load(place, {"demo"})
    for at in range(4, len(content) - 30, 5):
        place.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
        try:
            load(place, {"demo"})
        except SettingsError:
            continue
