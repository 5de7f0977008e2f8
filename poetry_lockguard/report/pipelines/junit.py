"""The report as JUnit's XML: each project is a test case, as Jenkins and GitLab read it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from poetry_lockguard.outcomes import Severity, Status
from poetry_lockguard.printable import Clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poetry_lockguard.report.pipelines.findings import CheckedProject, Finding

_SUITE = "lockguard check"
_OTHERS = (Status.FRESH.value, Status.MISSING.value)  # an error can be about another file
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def document(projects: Sequence[CheckedProject]) -> str:
    """Return one document with one test suite."""
    counts = {
        "tests": str(len(projects)),
        "failures": str(sum(one.is_checked and not one.is_in_step for one in projects)),
        "errors": str(sum(not one.is_checked for one in projects)),
    }
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": _SUITE, **counts})
    for project in projects:
        _add_case(suite, project)
    ET.indent(root)
    return Clean(_DECLARATION + ET.tostring(root, encoding="unicode"))


def _add_case(suite: ET.Element, project: CheckedProject) -> None:
    attributes = {"name": project.name or project.path, "classname": project.path, "time": "0"}
    case = ET.SubElement(suite, "testcase", attributes)
    details = "\n".join([*map(_line, project.findings), *filter(None, [project.remark])])
    if project.is_in_step:
        if details:
            ET.SubElement(case, "system-out").text = details
        return
    kind = "failure" if project.is_checked else "error"
    element = ET.SubElement(case, kind, {"type": project.status, "message": _message(project)})
    element.text = details


def _message(project: CheckedProject) -> str:
    errors = [one for one in project.findings if one.severity is Severity.ERROR]
    if not errors:
        return f"{project.path}: {project.status}"
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if errors[1:] else ""
    of_lock = f"{project.path}: {project.status}"
    is_other = project.status in _OTHERS and first.path != project.path
    subject = first.path if is_other else of_lock
    return f"{subject}: {first.code}: {first.message}{more}"


def _line(finding: Finding) -> str:
    severity = "" if finding.severity is Severity.ERROR else f" ({finding.severity.value})"
    return f"{finding.code}{severity}: {finding.message}"
