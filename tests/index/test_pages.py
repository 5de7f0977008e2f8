"""A page read lazily says what Poetry's own page says, whatever the hand it is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poetry.repositories.link_sources.html import HTMLPage
from poetry.repositories.link_sources.json import SimpleJsonPage

from poetry_lockguard.index import pages
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.pages import IndexPage

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from poetry.core.packages.utils.link import Link
    from poetry.repositories.link_sources.base import LinkSource

URL = "https://mirror.example/simple/matrix/"
NAMES: list[Any] = ["matrix", "matrix-kit", "other"]
ODD = {
    "double quotes": '<a href="matrix-1.0.tar.gz">x</a>',
    "single quotes": "<a href='matrix-1.0.tar.gz'>x</a>",
    "no quotes": "<a href=matrix-1.0.tar.gz>x</a>",
    "upper case": '<A HREF="matrix-1.0.tar.gz">x</A>',
    "line breaks": '<a\n href="matrix-1.0.tar.gz"\n data-yanked\n>\nx\n</a>',
    "relative": '<a href="../../files/matrix-1.0.tar.gz#sha256=00">x</a>',
    "protocol relative": '<a href="//files.example/matrix-1.0.tar.gz">x</a>',
    "query": '<a href="matrix-1.0.tar.gz?token=a&amp;b=c#sha256=00">x</a>',
    "escaped local version": '<a href="matrix-1.0%2Bcpu-py3-none-any.whl">x</a>',
    "plain local version": '<a href="matrix-1.0+cpu-py3-none-any.whl">x</a>',
    "entity in address": '<a href="matrix&#45;1.0.tar.gz">x</a>',
    "escaped python": '<a href="matrix-1.0.tar.gz" data-requires-python="&gt;=3.8,&lt;4">x</a>',
    "bare python": '<a href="matrix-1.0.tar.gz" data-requires-python=">=3.8">x</a>',
    "escaped twice": '<a href="matrix-1.0.tar.gz" data-requires-python="&amp;gt;=3.8">x</a>',
    "yanked for a reason": '<a href="matrix-1.0.tar.gz" data-yanked="a &amp; b">x</a>',
    "yanked in part": '<a href="matrix-1.0.tar.gz" data-yanked>x</a>'
    '<a href="matrix-1.0-py3-none-any.whl">x</a>',
    "metadata": '<a href="matrix-1.0-py3-none-any.whl" data-core-metadata="sha256=00">x</a>',
    "old metadata": '<a href="matrix-1.0-py3-none-any.whl" data-dist-info-metadata="true">x</a>',
    "base": '<base href="https://files.example/a/"><a href="matrix-1.0.tar.gz">x</a>',
    "late base": '<a href="matrix-1.0.tar.gz">x</a><base href="https://files.example/a/">',
    "comment": '<!-- <a href="matrix-0.9.tar.gz">x</a> --><a href="matrix-1.0.tar.gz">x</a>',
    "comment between": '<a href="matrix-1.0.tar.gz">x</a><!-- > <a href="matrix-0.9.zip">x</a> -->'
    '<a href="matrix-1.1.tar.gz">x</a>',
    "script": '<script>"<a href="matrix-0.9.tar.gz">x</a>"</script>'
    '<a href="matrix-1.0.tar.gz">x</a>',
    "inside an attribute": "<p title='<a href=\"matrix-0.9.tar.gz\">x</a>'>"
    '<a href="matrix-1.0.tar.gz">x</a></p>',
    "nested": '<a href="matrix-1.0.tar.gz"><b>x</b></a><a href="matrix-1.1.tar.gz">x</a>',
    "twice the address": '<a href="matrix-1.0.tar.gz" href="matrix-1.1.tar.gz">x</a>',
    "unknown attribute": '<a onclick="x()" href="matrix-1.0.tar.gz">x</a>',
    "unclosed": '<a href="matrix-1.0.tar.gz">x<br><a href="matrix-1.1.tar.gz">x',
    "cut short": '<a href="matrix-1.0.tar.gz">x</a><a href="matrix-1.1.ta',
    "two names": '<a href="matrix-1.0.tar.gz">x</a><a href="Other-2.tar.gz">x</a>',
    "same version spelt twice": '<a href="matrix-1.0.tar.gz">x</a>'
    '<a href="matrix-1.0.0-py3-none-any.whl">x</a>',
    "build tag": '<a href="matrix-1.0-2-py3-none-any.whl">x</a>',
    "not a release": '<a href="matrix-1.0.exe">x</a><a href="matrix-1.0.linux-x86_64.tar.gz">x</a>'
    '<a href="matrix-latest.tar.gz">x</a><a href="../">up</a>',
    "no anchors": "<p>nothing</p>",
    "empty": "",
}


def facts(page: LinkSource, name: NormalizedName) -> Any:
    """Return everything a resolver or an installer can learn from a page about a name."""

    def fact(link: Link) -> tuple[object, ...]:
        return (
            link.url,
            link.filename,
            link.requires_python,
            link.yanked,
            link.yanked_reason,
            link.metadata_url,
            link.metadata_hashes,
            dict(link.hashes),
        )

    return [
        (
            version.text,
            page.yanked(name, version),
            [fact(link) for link in page.links_for_version(name, version)],
        )
        for version in page.versions(name)
    ]


def same(ours: LinkSource, poetrys: LinkSource) -> bool:
    return all(facts(ours, name) == facts(poetrys, name) for name in NAMES)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_pages_read_as_poetry_reads_them(text: str) -> None:
    page = f"<!DOCTYPE html><html><head><title>Links</title></head><body>{text}</body></html>"

    assert same(pages.from_html(URL, page), HTMLPage(URL, page))
    assert same(pages.from_html(URL, text), HTMLPage(URL, text))


PIECES = st.lists(
    st.one_of(
        st.sampled_from([*ODD.values()]),
        st.sampled_from(["<br>", "<br/>\n", " ", "</p>", "<ul><li>", "-->", "<!--", '"', "<", ">"]),
        st.builds(
            '<a href="{}matrix-{}{}"{}>{}</a>'.format,
            st.sampled_from(["", "/f/", "https://files.example/", "?", "a'b/", "a b/"]),
            st.from_regex(r"\d(\.\d){0,2}((a|rc|\.dev|\.post)\d)?", fullmatch=True),
            st.sampled_from(
                [".tar.gz", ".zip", "-py3-none-any.whl", ".egg", "-1-py2-none-any.whl"]
            ),
            st.sampled_from(["", " data-yanked", ' data-yanked=""', " rel=x", ' class="a" data-x']),
            st.text("ab<>&\"'", max_size=3),
        ),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_generated_pages_read_as_poetry_reads_them(pieces: list[str]) -> None:
    text = "".join(pieces)

    try:
        page = pages.from_html(URL, text)
    except SourceFailure:  # a page with a script and without files is taken for a login
        assert [*HTMLPage(URL, text).links] == []
        return
    assert same(page, HTMLPage(URL, text))


def test_an_ordinary_page_is_read_lazily() -> None:
    assert isinstance(pages.from_html(URL, ODD["escaped python"]), IndexPage)


FILES = [
    {"filename": "matrix-1.0.tar.gz", "url": "/f/matrix-1.0.tar.gz", "hashes": {"sha256": "0"}},
    {"filename": "matrix-1.0-py3-none-any.whl", "url": "matrix-1.0-py3-none-any.whl",
     "requires-python": ">=3.8", "yanked": "why", "core-metadata": {"sha256": "0"}},
    {"filename": "matrix-1.1-py3-none-any.whl", "url": "https://f.example/matrix-1.1-py3-none-any.whl",
     "yanked": "", "dist-info-metadata": True, "size": 7, "upload-time": "2026-01-01T00:00:00Z"},
    {"filename": "matrix-1.2.tar.gz", "url": "matrix-1.2.tar.gz", "yanked": True},
    {"filename": "matrix-1.3.exe", "url": "matrix-1.3.exe"},
]  # fmt: skip


@settings(max_examples=50)
@given(st.lists(st.sampled_from(FILES)))
def test_json_pages_read_as_poetry_reads_them(files: list[dict[str, Any]]) -> None:
    content = {"files": files}

    assert same(pages.from_json(URL, content), SimpleJsonPage(URL, content))


@pytest.mark.parametrize(
    "content", [{}, [], {"files": None}, "text"], ids=["empty", "list", "null", "text"]
)
def test_json_that_is_no_page_is_a_failure_that_names_the_host(content: Any) -> None:
    with pytest.raises(SourceFailure, match=r"mirror\.example answered with invalid JSON"):
        pages.from_json(URL, content)
