"""An example of each command, for its ``--help``."""

from __future__ import annotations

EXAMPLES = {
    "check": "check --recursive --deep",
    "fix": "fix --dry-run",
    "install": "install --sync --without dev",
    "update": "update idna==3.7",
    "export": "export --format requirements --output requirements.txt",
    "bundle": "bundle --config linux-x86_64-py312 --output bundle",
    "digest": "digest --config linux-x86_64-py312",
    "diff": "diff HEAD~1 --format markdown",
    "explain": "explain content-hash",
    "snapshot": "snapshot create",
    "snapshot create": "snapshot create --python 3.12 --platform linux-x86_64",
    "snapshot sync": "snapshot sync",
    "snapshot show": "snapshot show --format markdown",
    "snapshot verify": "snapshot verify --installed",
    "snapshot diff": "snapshot diff HEAD~1",
    "snapshot add": "snapshot add idna==3.7",
    "snapshot remove": "snapshot remove 'idna<3.7'",
    "snapshot update": "snapshot update idna==3.7",
    "snapshot upgrade": "snapshot upgrade idna",
    "snapshot merge": "snapshot merge linux.lock windows.lock --output lockguard.lock",
    "snapshot clean": "snapshot clean",
    "snapshot export": "snapshot export --format pylock --output pylock.toml",
    "snapshot record": "snapshot record",
    "matrix": "matrix --format github",
    "schema": "schema settings",
    "completion": "completion bash",
    "demo": "demo engine",
    "merge-driver": "merge-driver install",
    "merge-driver install": "merge-driver install",
    "merge-driver uninstall": "merge-driver uninstall",
}
_EXIT_CODES = """\
Exit codes:
  0  in step: there is nothing to do, or it is done
  1  checked, and not in step
  2  not checked: wrong usage, no valid pyproject.toml or settings, or a newer file format"""


_GLOBAL = """\
Poetry's own options:
  -C, -P (folders), -q, -v, -n (no questions), --ansi, --no-ansi, --no-plugins, --no-cache"""


def help_text(name: str) -> str:
    """Return what ``--help`` says below the options of a command."""
    example = EXAMPLES.get(name)
    shown = f"Example:\n  poetry lockguard {example}\n\n" if example else ""
    return f"{shown}{_GLOBAL}\n\n{_EXIT_CODES}"
