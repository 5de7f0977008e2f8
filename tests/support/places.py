"""The blocks that the how-to pages show, and a Dockerfile's steps, run without Docker."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from pipelines.shell import Said, bash
from readme import page

if TYPE_CHECKING:
    from pathlib import Path


def blocks(name: str, language: str) -> list[str]:
    """Return the code blocks of a page that are in a language."""
    pattern = rf"^\.\. code-block:: {language}\n\n((?:(?:    .*)?\n)+)"
    return [textwrap.dedent(block) for block in re.findall(pattern, page(name), re.MULTILINE)]


def devcontainers() -> list[dict[str, Any]]:
    """Return the files that the page on devcontainers shows."""
    return [json.loads(text) for text in blocks("places/devcontainer", "json")]


def built(dockerfile: str, context: Path, root: Path, environ: dict[str, str]) -> Said:
    """Run the first stage of a Dockerfile: ``root`` stands for ``/``; the first failure ends it."""
    folder, variables, said = root, dict(environ), Said(0, "")
    root.mkdir(exist_ok=True)
    stages = re.sub(r"\\\n\s*", "", dockerfile).split("\nFROM ")
    for step in stages[min(1, len(stages) - 1)].splitlines():
        word, _, rest = step.partition(" ")
        if word == "ENV":
            name, value = rest.split("=", 1)
            variables[name] = value
        elif word == "WORKDIR":
            folder = root / rest.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            _copy(rest.split(), context, folder)
        elif word == "RUN":
            ran = bash(re.sub(r"--mount=\S+ ", "", rest), folder, variables)
            said = Said(ran.code, said.out + ran.out)
            if ran.code:
                return said
    return said


def _copy(words: list[str], context: Path, folder: Path) -> None:
    *names, target = words
    for name in names:
        if (context / name).is_dir():
            shutil.copytree(context / name, folder / target, dirs_exist_ok=True)
        else:
            shutil.copy(context / name, folder / target)
