"""GitHub's workflows on this machine: jobs by their needs, those of a matrix at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.documents import parsed
from pipelines.expressions import filled, value_of
from pipelines.steps import Machine, run_steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipelines.expressions import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What started a workflow; ``base`` is the branch that a pull request goes to."""

    branch: str = "main"
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of a job: every machine of it, and the outputs for those who need it."""

    is_well: bool
    outputs: Mapping[str, str]
    machines: Sequence[Machine]

    @property
    def said(self) -> str:
        return "".join(machine.said for machine in self.machines)

    @property
    def summary(self) -> str:
        return "".join(machine.summary.read_text() for machine in self.machines)


class Runner:
    """Runs workflows over one repository."""

    def __init__(self, origin: Path, work: Path, python: Path) -> None:
        self.origin = origin
        self.work = work
        self.python = python
        (work / "artifacts").mkdir(parents=True)

    def run(self, workflow: str, event: Event) -> dict[str, Ran]:
        """Run all jobs; one whose needs failed is left out."""
        document = parsed(workflow)
        waiting: dict[str, Any] = dict(document["jobs"])
        done: dict[str, Ran] = {}
        while waiting:
            name = next(one for one, job in waiting.items() if _needs(job) <= done.keys())
            job = waiting.pop(name)
            if all(done[need].is_well for need in _needs(job)):
                done[name] = self._job(name, job, event, done)
            else:
                done[name] = Ran(is_well=False, outputs={}, machines=())
        return done

    def _job(self, name: str, job: Any, event: Event, done: Mapping[str, Ran]) -> Ran:
        context: Context = {
            "github": {"base_ref": event.base, "ref_name": event.branch},
            "needs": {need: {"outputs": dict(done[need].outputs)} for need in _needs(job)},
        }
        rows = _matrix(job, context)
        with ThreadPoolExecutor(max_workers=len(rows)) as threads:
            ran = [*threads.map(lambda row: self._one(name, job, event, context, row), rows)]
        outputs = {
            key: filled(text, ran[-1][1])
            for key, text in job.get("outputs", {}).items()
            if ran[-1][2]
        }
        return Ran(
            is_well=all(is_well for _, _, is_well in ran),
            outputs=outputs,
            machines=[machine for machine, _, _ in ran],
        )

    def _one(
        self, name: str, job: Any, event: Event, shared: Context, row: tuple[int, Any]
    ) -> tuple[Machine, Context, bool]:
        number, matrix = row
        context = {**shared, "matrix": matrix}
        machine = Machine(
            home=self.work / f"{name}-{number}",
            origin=self.origin,
            branch=event.branch,
            artifacts=self.work / "artifacts",
            python=self.python,
            environ={key: filled(one, context) for key, one in job.get("env", {}).items()},
        )
        context["runner"] = {"temp": str(machine.temp)}
        return machine, context, run_steps(job["steps"], machine, context)


def _needs(job: Any) -> set[str]:
    needs = job.get("needs", [])
    return {needs} if isinstance(needs, str) else {*needs}


def _matrix(job: Any, context: Context) -> list[tuple[int, Any]]:
    """Return the rows of the matrix, numbered; a job without one runs once."""
    if "strategy" not in job:
        return [(0, {})]
    matrix = value_of(job["strategy"]["matrix"], context)
    assert matrix.keys() == {"include"}, "only lists of rows are used"
    return [*enumerate(matrix["include"])]
