"""What the guard costs other commands, off and on: ``python guard.py [RUNS]``.

``poetry install --dry-run`` on a fresh lock, in turns, so that a busy machine slows all alike:
without the plugin, with it in a project that does not ask, and with the guard on. What is measured
is processor time: Poetry's start is nothing else, and a busy machine does not lengthen it as much.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from check import ENVIRONMENT, WITH_PLUGIN, WITHOUT_PLUGIN, Command, project
from cleo.events.console_command_event import ConsoleCommandEvent
from cleo.events.console_events import COMMAND
from cleo.events.event_dispatcher import EventDispatcher
from cleo.io.null_io import NullIO
from poetry.console.application import Application

from poetry_lockguard.plugin import before
from poetry_lockguard.running import running_poetry

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
PACKAGES = 100


def seconds(command: Command, folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, capture_output=True, check=True, env=ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def listener(folder: Path) -> float:
    """Seconds that the listener itself takes in a project that does not ask."""
    application = Application()
    application._working_directory = folder
    dispatcher = application.event_dispatcher or EventDispatcher()
    event = ConsoleCommandEvent(application.find("install"), NullIO())
    runs = []
    for _ in range(1000):
        start = time.perf_counter()
        before(application, event, COMMAND, dispatcher)
        runs.append(time.perf_counter() - start)
    return statistics.median(runs)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ENVIRONMENT.update(
            {f"POETRY_{kind}_DIR": str(work / kind) for kind in ("CONFIG", "DATA", "CACHE")}
        )
        ENVIRONMENT["POETRY_VIRTUALENVS_CREATE"] = "false"
        places = {
            "without the plugin": (project(work / "without", PACKAGES), WITHOUT_PLUGIN),
            "guard off": (project(work / "off", PACKAGES), WITH_PLUGIN),
            "guard = check": (project(work / "check", PACKAGES), WITH_PLUGIN),
            "guard = fix": (project(work / "fix", PACKAGES), WITH_PLUGIN),
        }
        for how in ("check", "fix"):
            manifest = places[f"guard = {how}"][0] / "pyproject.toml"
            manifest.write_text(f'{manifest.read_text()}\n[tool.lockguard]\nguard = "{how}"\n')
        commands = {
            title: ([sys.executable, "-c", program, "install", "--dry-run"], place)
            for title, (place, program) in places.items()
        }
        for command, place in commands.values():
            seconds(command, place)
        turns = [{title: seconds(*one) for title, one in commands.items()} for _ in range(RUNS)]
        base = "without the plugin"
        for title in commands:
            median = statistics.median(turn[title] for turn in turns)
            more = statistics.median(turn[title] - turn[base] for turn in turns)
            ratio = statistics.median(turn[title] / turn[base] for turn in turns)
            print(
                f"poetry install --dry-run, {title:20} {median * 1000:8.1f} ms"
                f"   {more * 1000:+7.1f} ms   ratio {ratio:.3f}",
                flush=True,
            )
        alone = listener(places["guard off"][0]) * 1000
        print(f"the listener alone, guard off                  {alone:8.3f} ms")
    print(json.dumps({"runs": RUNS, "processors": os.cpu_count(), "poetry": running_poetry()}))


if __name__ == "__main__":
    main()
