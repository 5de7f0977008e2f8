"""What is read of an index page for ``check --online``, and what is concluded from it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from poetry_lockguard.freshness.releases.answers import Absent, Asked, Offer, PageAnswer
from poetry_lockguard.freshness.releases.release_problems import problems
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.lockfile.document import File
from poetry_lockguard.online.page_reader import Wanted, read
from poetry_lockguard.outcomes import Severity
from poetry_lockguard.printable import LONGEST, tamed

if TYPE_CHECKING:
    from collections.abc import Iterable

URL = "https://mirror.example/simple/matrix/"
A, B = "a" * 64, "b" * 64
WHEEL, SDIST = "matrix-1.0-py3-none-any.whl", "matrix-1.0.tar.gz"
BOTH = Wanted(name="matrix", files=frozenset({(WHEEL, f"sha256:{A}"), (SDIST, f"sha256:{B}")}))
JSON = "application/vnd.pypi.simple.v1+json"


def page(content: str | bytes, kind: str = "text/html", wanted: Wanted = BOTH) -> PageAnswer:
    """Read what an index answered."""
    response = requests.Response()
    response.status_code = 200
    response.url = URL
    response.headers["Content-Type"] = kind
    response._content = content if isinstance(content, bytes) else content.encode()
    return read(response, wanted, "PyPI")


def anchor(name: str, digest: str = A, more: str = "") -> str:
    return f'<a href="../../files/{name}#sha256={digest}"{more}>{name}</a><br/>\n'


def offered(name: str, digest: str, yanked: str | None = None) -> Offer:
    return Offer(name=name, hashes=frozenset({f"sha256:{digest}"}), yanked=yanked)


OURS = anchor(WHEEL) + anchor(SDIST, B)
EXPECTED = (offered(WHEEL, A), offered(SDIST, B))
PAGES = {
    "ordinary": OURS,
    "among thousands": "".join(anchor(f"matrix-0.{n}.tar.gz", B[:-1] + "c") for n in range(2000))
    + OURS,
    "behind a comment": f"<!-- {anchor(WHEEL, B)} -->{OURS}",
    "in single quotes": OURS.replace('"', "'"),
    "in upper case": OURS.replace("<a href", "<A HREF").replace("</a>", "</A>"),
    "with escapes": OURS.replace("matrix-1.0-", "matrix%2D1.0-"),
    "with queries": OURS.replace("#sha256", "?token=1#sha256"),
    "with digests in upper case": OURS.replace(A, A.upper()),
    "with other fragments": OURS.replace("#sha256", "#egg=matrix&sha256"),
}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_of_a_page_only_what_is_locked_is_read(text: str) -> None:
    found = page(f"<!DOCTYPE html><html><body>{text}</body></html>")

    assert found == PageAnswer(where="PyPI", offers=EXPECTED)


FORMS = {
    "not": ({}, "", None),
    "false": ({"yanked": False}, "", None),
    "null": ({"yanked": None}, "", None),
    "true": ({"yanked": True}, " data-yanked", ""),
    "an empty reason": ({"yanked": ""}, ' data-yanked=""', ""),
    "a reason": ({"yanked": "a & b"}, ' data-yanked="a &amp; b"', "a & b"),
    "a reason beyond ASCII": ({"yanked": "déjà"}, ' data-yanked="déjà"', "déjà"),
}


@pytest.mark.parametrize(("file", "attribute", "reason"), FORMS.values(), ids=FORMS)
def test_every_form_of_a_withdrawal_is_read(
    file: dict[str, Any], attribute: str, reason: str | None
) -> None:
    listed = {"filename": WHEEL, "url": "x", "hashes": {"sha256": A}, **file}

    pages = page(json.dumps({"files": [listed]}), JSON), page(anchor(WHEEL, more=attribute))

    assert [one.offers for one in pages] == [(offered(WHEEL, A, reason),)] * 2


CHARSETS = {"none": ("text/html", "utf-8"), "latin": ("text/html; charset=latin-1", "latin-1")}


@pytest.mark.parametrize(("kind", "encoding"), CHARSETS.values(), ids=CHARSETS)
def test_a_page_is_decoded_as_its_header_says(kind: str, encoding: str) -> None:
    content = anchor(WHEEL, more=' data-yanked="déjà"').encode(encoding)

    assert page(content, kind).offers[0].yanked == "déjà"


STATUSES = {
    "archived": Severity.NOTE,
    "deprecated": Severity.NOTE,
    "quarantined": Severity.WARNING,
    "\x1b[31mfancy": Severity.NOTE,
}


@pytest.mark.parametrize(("status", "severity"), STATUSES.items(), ids=map(tamed, STATUSES))
@pytest.mark.parametrize("kind", [JSON, "text/html"], ids=["json", "html"])
def test_a_project_that_was_set_aside_is_told(kind: str, status: str, severity: Severity) -> None:
    if kind == JSON:
        files = [{"filename": WHEEL, "hashes": {"sha256": A}}]
        content = {"files": files, "project-status": {"status": status, "reason": "moved\nto x"}}
        text = json.dumps(content)
    else:
        text = (
            f'<html><head><meta name="pypi:project-status" content="{status}">'
            '<meta name="pypi:project-status-reason" content="moved\nto x"></head><body>'
            f"{anchor(WHEEL)}</body></html>"
        )

    (problem,) = problems(asked([WHEEL]), page(text, kind))

    shown = status.replace("\x1b", "").strip()
    assert (problem.code, problem.severity) == ("project-status", severity)
    assert problem.message.startswith(f'matrix: PyPI calls the project {shown}: "moved to x"')


def test_a_release_in_quarantine_is_gone_and_says_why() -> None:
    content = {"files": [], "project-status": {"status": "quarantined"}}

    gone, shut = problems(asked([WHEEL]), page(json.dumps(content), JSON))

    assert gone.code == "file-gone"
    assert "PyPI, which has quarantined the project: none of its files" in gone.message
    assert shut.code == "project-status"


EMPTY = {
    "with a title": "<title>Links for matrix</title>",
    "with a version": '<meta name="pypi:repository-version" content="1.3">',
    "with other files": anchor("matrix-9.9.tar.gz", "c" * 64),
}


@pytest.mark.parametrize("text", EMPTY.values(), ids=EMPTY)
def test_a_page_of_an_index_may_have_nothing_of_ours(text: str) -> None:
    assert page(text).offers == ()


STRANGE: dict[str, tuple[str | bytes, str, str]] = {
    "nothing": ("", "text/html", "another page"),
    "a greeting": ("<h1>Welcome</h1><a href='/about'>us</a>", "text/html", "another page"),
    "a login": ("<form action='/in'><input></form>", "text/html", r"a web page \(a login"),
    "bytes": (b"\x00\xff\xfe" * 99, "application/octet-stream", "another page"),
    "half of JSON": ('{"files": [', JSON, "truncated JSON"),
    "deep JSON": ("[" * 100_000, JSON, "truncated JSON"),
    "other JSON": ('{"files": null}', JSON, "invalid JSON"),
    "a list": ("[]", JSON, "invalid JSON"),
    "JSON of the future": (
        '{"meta": {"api-version": "2.0"}, "files": []}', JSON,
        "version 2 of the index interface instead of version 1",
    ),
    "HTML of the future": (
        '<meta name="pypi:repository-version" content="3.1">', "text/html",
        "version 3 of the index interface instead of version 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "got"), STRANGE.values(), ids=STRANGE)
def test_what_is_no_page_of_an_index_is_a_failure(
    content: str | bytes, kind: str, got: str
) -> None:
    with pytest.raises(SourceFailure, match=rf"mirror\.example answered with {got}"):
        page(content, kind)


ODD_FILES = [
    None,
    3,
    {},
    {"filename": 3},
    {"filename": WHEEL},
    {"filename": WHEEL, "hashes": None, "yanked": 3},
    {"filename": SDIST, "hashes": {"sha256": None, "md5": "0"}, "yanked": []},
]


def test_odd_entries_of_a_json_page_do_no_harm() -> None:
    found = page(json.dumps({"files": ODD_FILES}), JSON)

    assert found.offers == (
        Offer(name=WHEEL),
        Offer(name=WHEEL, yanked=""),
        Offer(name=SDIST, hashes=frozenset({"md5:0"})),
    )


def test_the_files_of_a_pin_that_names_none_are_found_by_version() -> None:
    wanted = Wanted(name="matrix", versions=frozenset({"1.0"}))
    others = anchor("matrix-1.1.tar.gz") + anchor("other-1.0.tar.gz") + anchor("matrix.txt")

    found = page(others + OURS, wanted=wanted)

    assert found.offers == EXPECTED
    assert [*problems(asked([]), found)] == []
    assert [one.code for one in problems(asked([]), page(others, wanted=wanted))] == ["file-gone"]


def asked(files: Iterable[str | File]) -> Asked:
    return Asked(
        name="matrix",
        version="1.0",
        files=tuple(
            File(name=one, hash=f"sha256:{A}") if isinstance(one, str) else one for one in files
        ),
        source=None,
    )


HASHES = {
    "of another algorithm": ("sha256:" + A, "md5:" + "0" * 32, ["hash-untold"]),
    "none at all": ("sha256:" + A, None, ["hash-untold"]),
    "in upper case": ("SHA256:" + A.upper(), "sha256:" + A, []),
    "without algorithm, as format 1.0 has it": (A, "sha256:" + A, []),
    "without algorithm, and others": (A, "sha256:" + B, ["file-changed"]),
    "malformed": ("sha256:", "sha256:" + A, ["file-changed"]),
}


@pytest.mark.parametrize(("locked", "told", "codes"), HASHES.values(), ids=HASHES)
def test_hashes_are_compared_by_algorithm(locked: str, told: str | None, codes: list[str]) -> None:
    offer = Offer(name=WHEEL, hashes=frozenset({told} if told else ()))

    found = problems(
        asked([File(name=WHEEL, hash=locked)]), PageAnswer(where="PyPI", offers=(offer,))
    )

    assert [problem.code for problem in found] == codes


def test_a_name_that_is_offered_twice_is_sound_if_one_has_the_bytes() -> None:
    offers = offered(WHEEL, B), offered(WHEEL, A)

    assert [*problems(asked([WHEEL]), PageAnswer(where="PyPI", offers=offers))] == []


def test_files_that_are_withdrawn_alone_are_named() -> None:
    pin = asked([WHEEL, File(name=SDIST, hash=f"sha256:{B}")])
    offers = offered(WHEEL, A), offered(SDIST, B, "broken")

    (problem,) = problems(pin, PageAnswer(where="PyPI", offers=offers))

    assert problem.message == (
        f'matrix: {SDIST} of 1.0 was yanked from PyPI: "broken"; run `poetry update matrix`'
    )


files = st.lists(
    st.builds(
        File,
        name=st.text("ab-._", min_size=1, max_size=4),
        hash=st.text("0123456789abcdef", min_size=8, max_size=8).map("sha256:{}".format),
    ),
    min_size=1,
    max_size=6,
    unique_by=(lambda file: file.name, lambda file: file.hash),
)


@given(files)
def test_what_is_offered_as_locked_is_no_problem(held: list[File]) -> None:
    offers = tuple(Offer(name=file.name, hashes=frozenset({file.hash})) for file in held)

    assert [*problems(asked(held), PageAnswer(where="PyPI", offers=offers))] == []


@given(files, st.data())
def test_every_file_is_gone_changed_or_sound(held: list[File], data: st.DataObject) -> None:
    fates = [data.draw(st.sampled_from(["sound", "gone", "changed"])) for _ in held]
    offers = tuple(
        Offer(name=file.name, hashes=frozenset({file.hash if fate == "sound" else "sha256:other"}))
        for file, fate in zip(held, fates, strict=True)
        if fate != "gone"
    )

    found = [
        problem.code for problem in problems(asked(held), PageAnswer(where="PyPI", offers=offers))
    ]

    assert found.count("file-changed") == fates.count("changed")
    assert ("file-gone" in found) == ("gone" in fates)
    assert found.count("file-gone") <= 1


def test_advice_for_a_pin_of_the_snapshot_speaks_of_the_snapshot() -> None:
    pin = replace(asked([WHEEL]), held_in="lockguard.lock")

    (problem,) = problems(pin, PageAnswer(where="PyPI"))

    assert problem.file == "lockguard.lock"
    assert problem.message.endswith("run `poetry lockguard snapshot upgrade matrix`")


def test_an_index_without_the_package_is_an_error() -> None:
    (problem,) = problems(asked([WHEEL]), Absent(where="source own"))

    assert (problem.code, problem.severity) == ("file-gone", Severity.ERROR)


@given(st.text(max_size=3000) | st.text("\x1b[]#:\n\r\u202e\u2028 a", max_size=500))
def test_foreign_words_are_one_short_printable_line(text: str) -> None:
    safe = tamed(text)

    assert safe.isprintable()
    assert len(safe) <= LONGEST
    assert "##[" not in safe
    assert tamed(safe) == safe


def test_ordinary_words_stay_as_they_are() -> None:
    assert tamed("Regression: see https://forge.example/issues/100") == (
        "Regression: see https://forge.example/issues/100"
    )
