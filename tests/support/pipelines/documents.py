"""The pipelines that the documentation shows whole, by the path each names in its first line."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from readme import MANUAL
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"^\.\. code-block:: yaml\n\n((?:(?:    .*)?\n)+)", re.MULTILINE)
_PATH = re.compile(r"# (\S+\.yml)\n")


def documented() -> dict[str, str]:
    """Return the text of each whole file of the documentation, by its path in a project."""
    blocks = [textwrap.dedent(block) for block in _BLOCK.findall(MANUAL)]
    return {path[1]: block for block in blocks if (path := _PATH.match(block))}


def parsed(text: str) -> Any:
    """Read YAML as both systems do: by version 1.2, in which ``on`` is a word."""
    return YAML(typ="safe").load(text)


def complaints(schema: str, *files: Path) -> str:
    """Hold files to a schema that comes with check-jsonschema; nothing is said of good ones."""
    program = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    result = subprocess.run(
        [*program, *map(str, files)], capture_output=True, text=True, check=False, timeout=60
    )
    return "" if result.returncode == 0 else result.stdout + result.stderr
