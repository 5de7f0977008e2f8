"""Computes Poetry's content hash of a manifest, by each of the three rules that Poetry has had.

The hash is Poetry's own (``Locker._get_content_hash``, ``Locker.is_fresh``), not a second one: only
then does "fresh" mean the same as in Poetry.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEGACY_KEYS = ("dependencies", "source", "extras", "dev-dependencies")
_POETRY_KEYS = (*_LEGACY_KEYS, "group")
PROJECT_KEYS = ("requires-python", "dependencies", "optional-dependencies")
_PLAIN_VERSION = r"[0-9]+(?:\.[0-9]+)*"


class Rule(NamedTuple):
    """What one range of Poetry versions includes in the hash.

    ``forgives`` is the rule that they also accept in locks that an older Poetry wrote.
    """

    name: str
    since: tuple[int, int]
    project: bool
    dependency_groups: bool
    forgives: Rule | None = None


_OLDEST = Rule(name="1.2-1.8", since=(1, 2), project=False, dependency_groups=False)
_PROJECT = Rule(name="2.0-2.2", since=(2, 0), project=True, dependency_groups=False)
_GROUPS = Rule(name="2.3+", since=(2, 3), project=True, dependency_groups=True, forgives=_PROJECT)
RULES = (_OLDEST, _PROJECT, _GROUPS)


def rule_for(poetry_version: str) -> Rule:
    """Return the rule of a Poetry version; the newest for future versions."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", poetry_version)[:2])
    fitting = [rule for rule in RULES if rule.since <= numbers]
    return fitting[-1] if fitting else _OLDEST


def content_hash(data: dict[str, Any], rule: Rule) -> str:
    """Hash a manifest's TOML data as the Poetry versions of ``rule`` do.

    Raises TypeError where they would, for example for a date among the requirements.
    """
    import json
    from hashlib import sha256

    content = json.dumps(_relevant_content(data, rule), sort_keys=True)
    return sha256(content.encode()).hexdigest()


def newest_hash(data: dict[str, Any]) -> str | None:
    """Hash a manifest by the newest rule; None if no Poetry can."""
    try:
        return content_hash(data, RULES[-1])
    except TypeError:
        return None


def _relevant_content(data: dict[str, Any], rule: Rule) -> dict[str, Any]:
    project = _present(data.get("project", {}), PROJECT_KEYS) if rule.project else {}
    groups = data.get("dependency-groups", {}) if rule.dependency_groups else {}
    tool_poetry = data.get("tool", {}).get("poetry", {})

    # Absent legacy keys are hashed as null, but only if there are no newer tables.
    poetry = {} if project or groups else dict.fromkeys(_LEGACY_KEYS)
    poetry |= _present(tool_poetry, _POETRY_KEYS)
    if not (project or groups):
        return poetry

    content: dict[str, Any] = {"tool": {"poetry": poetry}}
    if project:
        content["project"] = project
    if groups:
        content["dependency-groups"] = groups
    return content


def _present(table: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: table[key] for key in keys if table.get(key) is not None}


def is_fresh(data: dict[str, Any], locked_hash: object, generator: str | None, rule: Rule) -> bool:
    """Whether ``Locker.is_fresh()`` of the Poetry versions of ``rule`` would be true.

    ``locked_hash`` is the lock's ``content-hash``, ``generator`` the Poetry version that its
    first line names. Raises TypeError as ``content_hash`` does.
    """
    if content_hash(data, rule) == locked_hash:
        return True
    if rule.forgives is None or generator is None or not _is_before(generator, rule.since):
        return False
    return content_hash(data, rule.forgives) == locked_hash


def accepting(data: dict[str, Any], locked_hash: object, generator: str | None) -> tuple[Rule, ...]:
    """Return the rules by which a lock with this hash is fresh."""
    return tuple(rule for rule in RULES if _accepts(rule, data, locked_hash, generator))


def _accepts(rule: Rule, data: dict[str, Any], locked_hash: object, generator: str | None) -> bool:
    """Whether a lock is fresh by a rule, whose Poetry may not even be able to hash the manifest."""
    try:
        return is_fresh(data, locked_hash, generator, rule)
    except TypeError:
        return False


def shared_hash(data: dict[str, Any], generator: str | None, poetry: str) -> str | None:
    """Return a hash with which a lock is fresh for two Poetry versions, or None.

    They are ``poetry`` and ``generator``, the version that the lock's first line names and keeps
    (or None). Raises TypeError as ``content_hash`` does.
    """
    rules = [rule_for(version) for version in (generator, poetry) if version is not None]
    for rule in rules:
        candidate = content_hash(data, rule)
        if all(is_fresh(data, candidate, generator, reader) for reader in rules):
            return candidate
    return None


def _is_before(version: str, limit: tuple[int, int]) -> bool:
    if re.fullmatch(_PLAIN_VERSION, version):
        return tuple(int(number) for number in version.split(".")) < limit

    from poetry.core.constraints.version import Version

    try:
        return Version.parse(version) < Version.parse(".".join(map(str, limit)))
    except ValueError:
        return False
