"""The console script ``lockguard``: the same commands without the word ``poetry``."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command; ``argv`` is without the program's name."""
    arguments = sys.argv[1:] if argv is None else argv
    return _through_poetry(arguments)


def _through_poetry(arguments: list[str]) -> int:
    """Hand the command to Poetry's own console."""
    from cleo.io.inputs.argv_input import ArgvInput
    from poetry.console.application import Application

    from poetry_lockguard.plugin import register

    application = Application()
    application.auto_exits(False)  # noqa: FBT003
    register(application)
    return application.run(ArgvInput(["lockguard", "lockguard", *arguments]))


if __name__ == "__main__":
    sys.exit(main())
