"""Words that steer a terminal or a pipeline's runner, and what shows that they did."""

from __future__ import annotations

#: a new line, commands of a runner, an escape of a terminal, another direction, a C1 control
TRICKS = "x\n::stop-commands::y\n  ::error::z\x1b[2J\u202e\x9b31m##[error]\rw"


def steers(said: str, *, ours: bool = False) -> list[str]:
    """Return the lines that steer a terminal or a runner."""
    lines = said.split("\n")
    return [
        line
        for line in lines
        if not line.replace("\t", "").isprintable()
        or "##[" in line
        or (line.lstrip().startswith("::") and not (ours and line.startswith("::")))
        or line.lstrip().startswith("::stop")
        or line.startswith("::error::z")
    ]
