"""Record a terminal, and draw badges: ``python docs/record.py`` writes ``docs/pictures/*.svg``.

The commands are really run, on a copy of the quickstart. ``fix`` asks this machine's index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
COMMANDS = ("lockguard check", "lockguard fix", "lockguard check")
BADGES = {"licence": "MIT", "python": "3.10 and newer", "poetry": "2.0 and newer"}
LINE, COLUMN, MARGIN = 20, 8, 16
PAUSE, STEP = 1.2, 0.12  # seconds before a command, and between the lines that it prints
#: background, text, prompt, bad and good news
LIGHT = {
    "back": "#ffffff",
    "text": "#24292f",
    "weak": "#57606a",
    "bad": "#b3261e",
    "good": "#116329",
}
DARK = {
    "back": "#0d1117",
    "text": "#e6edf3",
    "weak": "#8d96a0",
    "bad": "#ff7b72",
    "good": "#3fb950",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the terminal: its kind decides the colour, and when it is shown."""

    text: str
    kind: str
    at: float


def record(project: Path) -> list[tuple[str, str]]:
    """Run each command in a copy of a project; return the command and what it printed."""
    program = Path(sys.executable).with_name("lockguard")
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "weather"
        shutil.copytree(project, copy)
        return [(one, _output([str(program), *one.split()[1:]], copy)) for one in COMMANDS]


def _output(command: list[str], folder: Path) -> str:
    done = subprocess.run(  # noqa: S603 - the commands above
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def lines(session: list[tuple[str, str]]) -> list[Line]:
    """Return the lines of a session, each with the second at which it appears."""
    found, now = [], 0.0
    for command, output in session:
        found.append(Line(f"$ {command}", "weak", now))
        now += PAUSE
        for text in output.splitlines():
            found.append(Line(text, _kind(text), now))
            now += STEP
        found.append(Line("", "text", now))
        now += PAUSE
    return found[:-1]


def _kind(text: str) -> str:
    if text.startswith("poetry.lock: "):
        return "bad" if "stale" in text else "good"
    return "text"


def draw(shown: list[Line], style: str) -> str:
    """Return the picture: text that can be selected, and is read aloud as text."""
    width = 2 * MARGIN + COLUMN * max(len(line.text) for line in shown)
    height = 2 * MARGIN + LINE * len(shown)
    rows = "\n".join(
        f'<text class="{line.kind}" x="{MARGIN}" y="{MARGIN + LINE * row + 14}"'
        f' style="animation-delay:{line.at:.2f}s">{escape(line.text)}</text>'
        for row, line in enumerate(shown)
        if line.text
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">
<title>lockguard check, fix and check again in a terminal</title>
<style>
{style}
svg {{ background: var(--back) }}
rect {{ fill: var(--back); stroke: var(--weak) }}
text {{ font: 13px ui-monospace, Menlo, Consolas, monospace; white-space: pre; fill: var(--text) }}
.weak {{ fill: var(--weak) }}
.bad {{ fill: var(--bad) }}
.good {{ fill: var(--good) }}
@media (prefers-reduced-motion: no-preference) {{
text {{ animation: appear 1ms both }}
@keyframes appear {{ from {{ opacity: 0 }} to {{ opacity: 1 }} }}
}}
</style>
<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"/>
{rows}
</svg>
"""


def _variables(colours: dict[str, str]) -> str:
    return "svg { " + "; ".join(f"--{name}: {value}" for name, value in colours.items()) + " }"


def styles() -> dict[str, str]:
    """Return the colours of each picture; the one without a name follows the reader's mode."""
    light, dark = _variables(LIGHT), _variables(DARK)
    return {
        "terminal": f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}",
        "terminal-light": light,
        "terminal-dark": dark,
    }


def badge(label: str, value: str) -> str:
    """Return a badge: a word on grey, and its value beside it."""
    left, right = 7 * len(label) + 12, 7 * len(value) + 12
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img">
<title>{label}: {value}</title>
<rect width="{left}" height="20" fill="#555"/>
<rect x="{left}" width="{right}" height="20" fill="#1a6f9c"/>
<g fill="#fff" font-family="Verdana, sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2}" y="14">{label}</text>
<text x="{left + right / 2}" y="14">{value}</text>
</g>
</svg>
"""


def main() -> None:
    """Write all pictures."""
    PICTURES.mkdir(exist_ok=True)
    shown = lines(record(DOCS.parent / "fixtures" / "quickstart"))
    for name, style in styles().items():
        (PICTURES / f"{name}.svg").write_text(draw(shown, style), encoding="utf-8")
    for label, value in BADGES.items():
        (PICTURES / f"{label}.svg").write_text(badge(label, value), encoding="utf-8")


if __name__ == "__main__":
    main()
