"""``[tool.lockguard]``, as editors and SchemaStore read it: a part of pyproject.toml's schema."""

from __future__ import annotations

from poetry_lockguard.policy.terms import UNKNOWN_AGES
from poetry_lockguard.schemas.shapes import (
    SOME_TEXT,
    Schema,
    always,
    described,
    either,
    items,
    one_of,
    pattern,
    record,
    table,
)
from poetry_lockguard.settings import (
    AUTO,
    EXPORT_FORMATS,
    GUARDS,
    INSTALLS,
    LOCK_FORMATS,
    LOCK_NEEDS,
    STRATEGIES,
)

#: a relative path to a file of its own, which is not one of Poetry's
_OWN_FILE = (
    r"^(?![/\\]|.?:)(?!(.*[/\\])?\.{1,2}([/\\]|$))"
    r"(?!(.*[/\\])?(poetry\.lock|pyproject\.toml)$).*[^/\\]$"
)
_TEXTS = items(SOME_TEXT)
_SETS = items(_TEXTS)
_VARIANT = {
    "groups": described(_TEXTS, "The groups; default: main."),
    "extras": described(_TEXTS, "The extras."),
    "sources": described(
        table(either(SOME_TEXT, record({"url": SOME_TEXT}, {"name": SOME_TEXT}))),
        "The index of a package in this configuration only: a declared source's name, or a url.",
    ),
    "constraints": described(
        _TEXTS, 'Constraints of this configuration only, such as "torch (<2.9)".'
    ),
}
_VALUES = {
    "python": described(SOME_TEXT, 'A version of Python, such as "3.12" or "3.10.4".'),
    "implementation": described(SOME_TEXT, "cpython, pypy or cpython-freethreaded."),
    "platform": described(SOME_TEXT, "An alias such as linux-x86_64, or a wheel's platform tag."),
    "groups": _VARIANT["groups"],
    "extras": _VARIANT["extras"],
}
_CONFIGURATION = record({}, {**_VALUES, **_VARIANT})
_EXPORT = record(
    {"format": described(one_of(*EXPORT_FORMATS), "How to write the file.")},
    {
        "groups": described(_TEXTS, "The groups to include; default: main."),
        "extras": described(_TEXTS, "The extras to include."),
        "config": described(SOME_TEXT, "A configuration, in place of groups and extras."),
    },
)
_ALONE = {
    "not": {"required": ["config"], "anyOf": [{"required": ["groups"]}, {"required": ["extras"]}]}
}
_POLICY = record(
    {},
    {
        "hosts": described(_TEXTS, "Hosts of URL and git pins, such as git.example.com."),
        "min-age": described(
            pattern(r"^\s*\d{1,5} ?([Hh]our|[Dd]ay|[Ww]eek)s?\s*$"),
            'How old a release must be, such as "7 days".',
        ),
        "min-age-unknown": described(
            one_of(*UNKNOWN_AGES), "How to report an index that gives no upload times.", "warning"
        ),
        "deny": described(_TEXTS, 'Packages that may not be locked, such as "urllib3<2.2".'),
        "advisories": described(SOME_TEXT, "A file, folder or zip of OSV records."),
        "ignore": described(
            items(record({"id": SOME_TEXT}, {"until": SOME_TEXT, "reason": SOME_TEXT})),
            "Advisories to ignore, each until a date.",
        ),
    },
)
_MATRIX = record(
    {},
    {
        "python": _TEXTS,
        "implementation": _TEXTS,
        "platform": _TEXTS,
        "groups": _SETS,
        "extras": _SETS,
        "variants": table(record({}, _VARIANT)),
        "exclude": items(record({}, {**_VALUES, "variant": SOME_TEXT})),
    },
)
_KEYS: dict[str, Schema] = {
    "guard": described(
        one_of(*GUARDS), "What `poetry install` and `poetry sync` do about a stale lock.", "off"
    ),
    "mirrors": described(
        items(either(always(AUTO), pattern(r"^https?://[^/\s]+"))),
        'Indexes to use in place of PyPI, and "auto" for PyPI itself.',
    ),
    "strategies": described(
        {**items(one_of(*STRATEGIES)), "minItems": 1, "uniqueItems": True},
        "The strategies that a fix may try, in order.",
        [*STRATEGIES],
    ),
    "timeout": described(
        {"type": "number", "exclusiveMinimum": 0},
        "Seconds for one fix, or one `check --online`.",
        600,
    ),
    "min-poetry": described(
        pattern(r"^\s*v?\d"), "The oldest Poetry that must be able to use the lock."
    ),
    "snapshot": described(pattern(_OWN_FILE), "The snapshot's file.", "lockguard.lock"),
    "lock": described(
        one_of(*LOCK_NEEDS), "optional: poetry.lock may be missing, as in a library.", "required"
    ),
    "lock-format": described(
        one_of(*LOCK_FORMATS), "newest: write a new lock as the running Poetry does.", "keep"
    ),
    "install": described(
        one_of(*INSTALLS), "snapshot: lockguard install installs the snapshot.", "lock"
    ),
    "config": described(
        SOME_TEXT, "The configuration or variant to install if several fit the machine."
    ),
    "policy": described(_POLICY, "What a lock may contain."),
    "matrix": described(_MATRIX, "Configurations: every combination of these axes."),
    "configurations": described(table(_CONFIGURATION), "Configurations, one by one."),
    "exports": described(
        {**table({**_EXPORT, **_ALONE}), "propertyNames": pattern(_OWN_FILE)},
        "Files that are exported from the lock and kept in step with it.",
    ),
}


def settings() -> Schema:
    """Return the table, in the layout of SchemaStore's partial schemas."""
    return record({}, _KEYS)
