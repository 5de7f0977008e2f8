"""What Poetry's own progress looks like on stderr."""

from __future__ import annotations

from cleo.io.buffered_io import BufferedIO

from poetry_lockguard.poetry_api.project import to_stderr


def test_the_heading_of_each_solver_is_written_once() -> None:
    io = BufferedIO()
    progress = to_stderr(io)

    for _ in range(2):
        progress.write_line("<info>Updating dependencies</>")
        to_stderr(progress).write_line("Resolving dependencies...")
        progress.write_line("another line")

    assert io.fetch_output() == ""
    assert io.fetch_error().splitlines() == [
        "Updating dependencies",
        "Resolving dependencies...",
        "another line",
        "another line",
    ]
