"""Locks to compare: a package a keyword."""

from __future__ import annotations

MANIFEST = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.10"\n'
PACKAGE = """\
[[package]]
name = "{name}"
version = "{version}"
description = ""
optional = false
python-versions = ">=3.9"
groups = ["main"]
files = [{{file = "{name}-{version}.tar.gz", hash = "sha256:{hash}"}}]

"""
METADATA = """\
[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
content-hash = "{hash}"
"""


def lock(content_hash: str = "a" * 64, **versions: str) -> str:
    return "".join(
        PACKAGE.format(name=name, version=version, hash="0" * 64)
        for name, version in versions.items()
    ) + METADATA.format(hash=content_hash)
