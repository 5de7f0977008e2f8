"""Fifty ways to poison a lock that stays fresh: each is a few lines that nobody might review.

``SOUND`` is a lock by its entries; each story changes some of them.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from poetry_lockguard.manifest.content_hash import content_hash, rule_for
from poetry_lockguard.toml import loads

if TYPE_CHECKING:
    from pathlib import Path

FILES = "https://files.example"
COMMIT = "a" * 40
MANIFEST = f"""\
[project]
name = "plane"
version = "1.0"
requires-python = ">=3.10"
dependencies = [
    "web>=2",
    "wheel @ {FILES}/wheel-1.0-py3-none-any.whl",
    "plain @ git+ssh://git@forge.example/plain.git",
]

[tool.poetry]
package-mode = false

[tool.poetry.group.dev.dependencies]
repo = {{ git = "https://forge.example/repo.git", rev = "{COMMIT}" }}
lib = {{ path = "libs/lib", develop = true }}
own = {{ version = "*", source = "corp" }}
lint = "*"

[[tool.poetry.source]]
name = "corp"
url = "https://corp.example/simple/"
priority = "explicit"

[[tool.poetry.source]]
name = "mirror"
url = "https://mirror.example/simple"
priority = "supplemental"
"""
LIBRARY = """\
[project]
name = "lib"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["inner @ https://files.example/inner-1.0-py3-none-any.whl"]
"""


def entry(  # noqa: PLR0913 - the fields of a lock
    name: str,
    kind: str = "",
    url: str = "",
    reference: str = "",
    *,
    needs: str = "",
    group: str = "main",
    version: str = "1.0",
    digest: str = "0",
    markers: str = "",
) -> str:
    """Return one ``[[package]]`` as Poetry writes it."""
    file = f'    {{file = "{name}-{version}-py3-none-any.whl", hash = "sha256:{digest * 64}"}},\n'
    listed = "" if kind in {"git", "directory"} else f"\n{file}"
    groups = ", ".join(f'"{one}"' for one in group.split())
    lines = [
        "[[package]]",
        f'name = "{name}"',
        f'version = "{version}"',
        'description = ""',
        "optional = false",
        'python-versions = "*"',
        f"groups = [{groups}]",
        *([f'markers = "{markers}"'] if markers else []),
        f"files = [{listed}]",
        *(["develop = true"] if kind == "directory" else []),
        *(["develop = false"] if kind == "git" else []),
        *(["", "[package.dependencies]", needs] if needs else []),
        *(["", "[package.source]", f'type = "{kind}"', f'url = "{url}"'] if kind else []),
        *([f'reference = "{reference}"'] if reference else []),
        *([f'resolved_reference = "{COMMIT}"'] if kind == "git" else []),
    ]
    return "\n".join(lines) + "\n"


WHEEL = "wheel-1.0-py3-none-any.whl"
EVIL = f"https://evil.example/{WHEEL}"
WINDOWS = "sys_platform == 'win32'"
SOUND = {
    "web": entry("web", needs=f'url-tool = "*"\ncolor = {{version = "*", markers = "{WINDOWS}"}}'),
    "url-tool": entry("url-tool"),
    "color": entry("color", markers=WINDOWS),
    "lint": entry("lint", group="dev", needs='rules = "*"'),
    "rules": entry("rules", group="dev"),
    "wheel": entry("wheel", "url", f"{FILES}/{WHEEL}"),
    "plain": entry("plain", "git", "ssh://git@forge.example/plain.git", "HEAD"),
    "repo": entry("repo", "git", "https://forge.example/repo.git", COMMIT, group="dev"),
    "lib": entry(
        "lib",
        "directory",
        "libs/lib",
        group="dev",
        needs=f'inner = {{url = "{FILES}/inner-1.0-py3-none-any.whl"}}',
    ),
    "inner": entry("inner", "url", f"{FILES}/inner-1.0-py3-none-any.whl", group="dev"),
    "own": entry("own", "legacy", "https://corp.example/simple", "corp", group="dev"),
}
for _name in ("web",):  # version 2 is what the manifest asks for
    SOUND[_name] = SOUND[_name].replace('"1.0"', '"2.0"').replace("-1.0-", "-2.0-")


def _web(*arguments: str, needs: str = 'url-tool = "*"') -> dict[str, str]:
    return {"web": entry("web", *arguments, needs=needs, version="2.0")}


def _wheel(url: str) -> dict[str, str]:
    return {"wheel": entry("wheel", "url", url)}


def _tool(*arguments: str, **fields: str) -> dict[str, str]:
    return {"url-tool": entry("url-tool", *arguments, **fields)}


POISONED = {
    # a pin that others need
    "a transitive pin from a url": _tool("url", EVIL),
    "a transitive pin from a repository": _tool("git", "https://evil.example/x.git", COMMIT),
    "a transitive pin from a file": _tool("file", "url_tool-1.0-py3-none-any.whl"),
    "a transitive pin from a folder": _tool("directory", "/tmp/tool"),
    "a transitive pin from an index": _tool("legacy", "https://evil.example/simple", "evil"),
    "an index under a declared name": _tool("legacy", "https://evil.example/simple", "mirror"),
    "an explicit index that nobody bound it to": _tool(
        "legacy", "https://corp.example/simple", "corp"
    ),
    "another path of a declared index": _tool("legacy", "https://mirror.example/evil", "mirror"),
    "a declared index without TLS": _tool("legacy", "http://mirror.example/simple", "mirror"),
    "the address of another pin": _tool("url", f"{FILES}/{WHEEL}"),
    # a pin that the manifest asks for
    "a direct pin from a url": _web("url", EVIL),
    "a direct pin from a repository": _web("git", "https://evil.example/x.git", COMMIT),
    "a direct pin from a file": _web("file", "web-2.0-py3-none-any.whl"),
    "a direct pin from a folder": _web("directory", "libs/web"),
    "a direct pin from an index": _web("legacy", "https://evil.example/simple", "evil"),
    "a bound pin from PyPI": {"own": entry("own", group="dev")},
    "a bound pin from another index": {
        "own": entry("own", "legacy", "https://mirror.example/simple", "mirror", group="dev")
    },
    "another folder": {"lib": entry("lib", "directory", "libs/evil", group="dev")},
    "another repository of the forge": {
        "repo": entry("repo", "git", "https://forge.example/evil.git", COMMIT, group="dev")
    },
    "the repository of another owner": {
        "plain": entry("plain", "git", "git@forge.example:evil/plain.git", "HEAD")
    },
    # an address that looks like the declared one
    "another file of the declared host": _wheel(f"{FILES}/evil-1.0-py3-none-any.whl"),
    "a host that looks alike": _wheel(f"https://fi1es.example/{WHEEL}"),
    "a host that looks alike in Cyrillic": _wheel(f"https://f\u0456les.example/{WHEEL}"),
    "a host that looks alike in Punycode": _wheel(f"https://xn--fles-q5d.example/{WHEEL}"),
    "a host below another": _wheel(f"https://files.example.evil.example/{WHEEL}"),
    "the host as a user": _wheel(f"https://files.example@evil.example/{WHEEL}"),
    "the host as a user and a password": _wheel(f"https://files.example:443@evil.example/{WHEEL}"),
    "another port": _wheel(f"https://files.example:8443/{WHEEL}"),
    "another scheme": _wheel(f"http://files.example/{WHEEL}"),
    "a path in upper case": _wheel(f"{FILES}/WHEEL-1.0-py3-none-any.whl"),
    "a host in percent-encoding": _wheel(f"https://files%2Eexample/{WHEEL}"),
    "a way up in percent-encoding": _wheel(f"{FILES}/%2e%2e/{WHEEL}"),
    "a backslash behind the host": _wheel("https://evil.example\\\\@files.example/x.whl"),
    # another place in what the manifest asks for
    "another commit than the required one": {
        "repo": SOUND["repo"].replace(
            f'resolved_reference = "{COMMIT}"', f'resolved_reference = "{COMMIT[1:]}b"'
        )
    },
    "another commit and reference": {"repo": SOUND["repo"].replace(COMMIT, "b" * 40)},
    "a folder of the repository": {"repo": f'{SOUND["repo"]}subdirectory = "evil"\n'},
    "a folder above the repository": {"plain": f'{SOUND["plain"]}subdirectory = "../evil"\n'},
    "a folder of the archive": {"wheel": f'{SOUND["wheel"]}subdirectory = "evil"\n'},
    # Poetry asks the source of this name, whatever the address is
    "an address under the name of another index": _tool(
        "legacy", "https://mirror.example/simple", "corp"
    ),
    "an index under PyPI's name": _tool("legacy", "https://mirror.example/simple", "PyPI"),
    "a bound pin under another name": {
        "own": entry("own", "legacy", "https://corp.example/simple", "mirror", group="dev")
    },
    "a bound pin under no name": {
        "own": entry("own", "legacy", "https://corp.example/simple", group="dev")
    },
    # more than is needed
    "an added pin that nothing needs": {"evil": entry("evil")},
    "an added pin of a declared index": {
        "evil": entry("evil", "legacy", "https://mirror.example/simple", "mirror")
    },
    "two added pins that need each other": {
        "evil": entry("evil", needs='worse = "*"'),
        "worse": entry("worse", needs='evil = "*"'),
    },
    "a pin that is moved into another group": {"rules": entry("rules", group="main dev")},
    # the same release, but not as it was committed
    "other hashes": _tool(digest="1"),
    "no hashes": {"url-tool": re.sub(r"files = \[[^]]*\]", "files = []", SOUND["url-tool"])},
    "wider markers": {"color": entry("color")},
    "a kept entry that brings another": {
        **_web(needs='url-tool = "*"\nevil = "*"'),
        "evil": entry("evil"),
    },
    "a kept entry that brings a chain": {
        "rules": entry("rules", group="dev", needs='evil = "*"'),
        "evil": entry("evil", group="dev", needs='worse = "*"'),
        "worse": entry("worse", group="dev"),
    },
}


def written(folder: Path, change: dict[str, str] | None = None) -> Path:
    """Commit the sound lock, and poison it in the working tree."""
    (folder / "libs" / "lib").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "libs" / "lib" / "pyproject.toml").write_text(LIBRARY, encoding="utf-8")
    (folder / "poetry.lock").write_text(_lock(SOUND), encoding="utf-8")
    for words in ("init -q", "add .", "commit -qm sound"):
        _git(folder, *words.split())
    (folder / "poetry.lock").write_text(_lock(SOUND | (change or {})), encoding="utf-8")
    return folder


def _lock(entries: dict[str, str]) -> str:
    digest = content_hash(loads(MANIFEST), rule_for("2.1.3"))
    return (
        "# This file is automatically @generated by Poetry 2.1.3 and should not be changed by"
        " hand.\n\n" + "\n".join(entries.values()) + '\n[metadata]\nlock-version = "2.1"\n'
        f'python-versions = ">=3.10"\ncontent-hash = "{digest}"\n'
    )


def _git(folder: Path, *arguments: str) -> None:
    names = {
        f"GIT_{who}_{what}": "a@mail.example"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull},
        check=True,
        capture_output=True,
    )
