"""GitLab's pipelines on this machine: stages in order, a child pipeline in its parent's place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.documents import parsed
from pipelines.shell import Said, bash, surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYWORDS = {"stages", "default"}
PUSH = {"CI_PIPELINE_SOURCE": "push"}
_RULE = re.compile(r'\$(\w+) == "([^"]*)"')


@dataclass(frozen=True, slots=True)
class Job:
    """A job that ran: what it said, and the folder it worked in."""

    said: Said
    folder: Path


class Pipeline:
    """Runs the pipeline of one repository; artifacts of earlier stages are in each checkout."""

    def __init__(
        self, origin: Path, work: Path, python: Path, event: Mapping[str, str] = PUSH
    ) -> None:
        self.origin = origin
        self.event = event
        self.work = work
        self.python = python
        self.artifacts: dict[str, list[tuple[Path, str]]] = {}  # by job: folder and path in it
        self.jobs: dict[str, list[Job]] = {}
        work.mkdir(parents=True)

    @property
    def said(self) -> str:
        """All that was printed, for whoever wants to know what went wrong."""
        return "".join(one.said.out for jobs in self.jobs.values() for one in jobs)

    def run(self, document: Mapping[str, Any]) -> bool:
        """Run the stages; a stage in which a job failed is the last. Tells whether all is well."""
        jobs = {
            name: _extended(job, document)
            for name, job in document.items()
            if name not in KEYWORDS and not name.startswith(".") and self._is_wanted(job)
        }
        earlier: list[str] = []
        for stage in document["stages"]:
            names = [name for name, job in jobs.items() if job["stage"] == stage]
            done = [self._job(name, jobs[name], document, earlier) for name in names]
            if not all(done):
                return False
            earlier += names
        return True

    def _is_wanted(self, job: Mapping[str, Any]) -> bool:
        """Whether one of the job's rules applies, if it has any."""
        rules = [_RULE.fullmatch(rule["if"]) for rule in job.get("rules", [])]
        assert all(rules)
        return not rules or any(
            rule is not None and self.event.get(rule[1]) == rule[2] for rule in rules
        )

    def _job(
        self, name: str, job: Mapping[str, Any], document: Mapping[str, Any], earlier: list[str]
    ) -> bool:
        if "trigger" in job:
            included = [self._included(one) for one in job["trigger"]["include"]]
            child = Pipeline(self.origin, self.work / name, self.python)
            is_well = child.run({key: one for part in included for key, one in part.items()})
            self.jobs |= child.jobs
            return is_well
        rows: list[dict[str, str]] = job.get("parallel", {}).get("matrix", [{}])
        with ThreadPoolExecutor(max_workers=len(rows)) as threads:
            ran = threads.map(
                lambda row: self._one(name, job, document, earlier, row), enumerate(rows)
            )
            self.jobs[name] = [*ran]
        paths = job.get("artifacts", {}).get("paths", [])
        self.artifacts[name] = [(one.folder, path) for one in self.jobs[name] for path in paths]
        return all(one.said.code == 0 for one in self.jobs[name])

    def _one(
        self,
        name: str,
        job: Mapping[str, Any],
        document: Mapping[str, Any],
        earlier: list[str],
        row: tuple[int, dict[str, str]],
    ) -> Job:
        number, variables = row
        home = self.work / f"{name}-{number}"
        folder = home / "work"
        fixed = job.get("variables", {})
        depth = ["--depth", "1"] if fixed.get("GIT_DEPTH") != "0" else []
        clone = ["git", "clone", "--quiet", *depth, self.origin.as_uri(), str(folder)]
        subprocess.run(clone, check=True, timeout=60)
        for before in earlier:
            for source, path in self.artifacts[before]:
                _copy(source / path, folder / path)
        own = surroundings(home)
        given = {
            "GITLAB_CI": "true",
            "CI_COMMIT_TIMESTAMP": _git(folder, "log", "-1", "--format=%cI"),
            "PATH": f"{self.python}:{own['PATH']}",
            **self.event,
            **fixed,
        }
        lines = [*document["default"]["before_script"], *job["script"]]
        return Job(bash("\n".join(lines), folder, {**own, **given, **variables}), folder)

    def _included(self, one: Mapping[str, str]) -> Any:
        if "local" in one:
            return parsed(_git(self.origin, "show", f"HEAD:{one['local']}"))
        (folder, path) = next(
            found for found in self.artifacts[one["job"]] if found[1] == one["artifact"]
        )
        return json.loads((folder / path).read_text())


def _extended(job: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**document[job["extends"]], **job} if "extends" in job else job


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.check_output(["git", *arguments], cwd=folder, text=True, timeout=60).strip()
