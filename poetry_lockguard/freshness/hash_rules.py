"""Reports which Poetry versions accept a lock if their hash rules disagree about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poetry_lockguard.manifest.content_hash import PROJECT_KEYS, RULES, accepting, rule_for
from poetry_lockguard.outcomes import Problem, Severity

if TYPE_CHECKING:
    from poetry_lockguard.manifest.content_hash import Rule
    from poetry_lockguard.manifest.document import Manifest

_SETTINGS = ", or set `requires-poetry` in [tool.poetry] or `min-poetry` in [tool.lockguard]"
_VERSIONS = {"2.3+": "2.3 and newer"}


def disagreement(
    manifest: Manifest,
    locked_hash: str | None,
    generator: str | None,
    *,
    fresh: bool,
    min_poetry: str | None = None,
) -> Problem | None:
    """Return a problem that names the Poetry versions that accept this lock and those that do not.

    None if there are not both. Versions that could not use the project anyway, or that its
    settings exclude, are ignored, unless they alone accept the lock.
    """
    accepted = accepting(manifest.data, locked_hash, generator)
    if accepted == RULES:
        return None
    relevant = _relevant(manifest, min_poetry)
    if fresh:
        accepted = tuple(rule for rule in accepted if rule in relevant)
    refused = tuple(rule for rule in relevant if rule not in accepted)
    if not (accepted and refused):
        return None
    message = (
        f"fresh for Poetry {_listed(accepted)}, stale for Poetry {_listed(refused)}, because not"
        f" all of them hash {_cause(manifest, (*accepted, *refused))};"
        f" {_advice(accepted, refused, fresh=fresh)}{_SETTINGS}"
    )
    severity = Severity.WARNING if fresh else Severity.ERROR
    return Problem(code="hash-rule", message=message, severity=severity)


def _cause(manifest: Manifest, rules: tuple[Rule, ...]) -> str:
    """Return the tables of the manifest that only some of these rules include."""
    included = {
        "[project]": {rule.project for rule in rules} if _is_hashed(manifest) else set(),
        "[dependency-groups]": {
            rule.dependency_groups for rule in rules if manifest.data.get("dependency-groups")
        },
    }
    return " and ".join(table for table, answers in included.items() if len(answers) > 1)


def _is_hashed(manifest: Manifest) -> bool:
    """Whether ``[project]`` has anything that a hash includes."""
    return any(manifest.project.get(key) is not None for key in PROJECT_KEYS)


def _advice(accepted: tuple[Rule, ...], refused: tuple[Rule, ...], *, fresh: bool) -> str:
    if fresh:
        return f"use Poetry {_listed(accepted)} everywhere"
    return f"use Poetry {_listed(refused)} everywhere and run `poetry lockguard fix`"


def _relevant(manifest: Manifest, min_poetry: str | None) -> tuple[Rule, ...]:
    rules: tuple[Rule, ...] = RULES if _serves_poetry_1(manifest) else RULES[1:]
    if min_poetry is not None:
        rules = RULES[RULES.index(rule_for(min_poetry)) :]
    required = manifest.poetry.get("requires-poetry")
    if not isinstance(required, str):
        return rules
    return tuple(rule for rule in rules if _is_admitted(rule, required)) or rules


def _is_admitted(rule: Rule, required: str) -> bool:
    """Whether ``requires-poetry`` allows any Poetry that hashes by this rule."""
    from poetry.core.constraints.version import parse_constraint

    later = [other.since for other in RULES if other.since > rule.since]
    spans = [
        f">={'.'.join(map(str, rule.since))}",
        *(f"<{major}.{minor}" for major, minor in later[:1]),
    ]
    try:
        return parse_constraint(required).allows_any(parse_constraint(",".join(spans)))
    except ValueError:
        return True


def _serves_poetry_1(manifest: Manifest) -> bool:
    """Whether Poetry 1 can read the project: it only reads ``[tool.poetry]``."""
    table = manifest.poetry
    whole = all(key in table for key in ("name", "version", "dependencies"))
    return whole and "requires-poetry" not in table


def _listed(rules: tuple[Rule, ...]) -> str:
    return " and ".join(_VERSIONS.get(rule.name, rule.name) for rule in rules)
