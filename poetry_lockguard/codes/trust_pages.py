"""Pages of the codes for trust: a fresh lock can still contain what nobody asked for."""

from __future__ import annotations

from poetry_lockguard.codes.problem_page import ProblemPage

TRUST = (
    ProblemPage(
        code="source-undeclared",
        summary="a pin comes from a place that nothing requires",
        severity="error",
        found_by="check",
        meaning=(
            "Neither pyproject.toml nor one of its dependencies asks for this URL, repository, file"
            " or folder, or not for this commit or subdirectory of it. Or the index is not declared"
            " under its name, or not assigned to this package. A package"
            " that is assigned to sources under markers only may come from elsewhere, too, if"
            " another pin needs it and one of those sources serves it as well."
        ),
        example=(
            "source-undeclared: idna: locked at 3.7 from the url (https://files.example/idna.whl),"
            " which nobody asked for"
        ),
        cause=(
            "The lock was edited. A few lines in a pull request are enough to make `poetry install`"
            " download something else."
        ),
        remedy=(
            "Treat it as an attack until you know better. Restore poetry.lock from git, or declare"
            " the source in pyproject.toml and run `poetry lock`."
        ),
    ),
    ProblemPage(
        code="unneeded-pin",
        summary="a pin that nothing needs, but an install would add",
        severity="error, or a warning if only groups besides main have it needlessly",
        found_by="check --deep, fix, install and the guard",
        meaning=(
            "No requirement of the groups that the entry lists leads to this package, and Poetry 2"
            " installs everything that a lock of format 2.1 contains."
        ),
        example=(
            "unneeded-pin: extra-tool: locked at 1.0, but nothing needs it, and an install would"
            " add it"
        ),
        cause=(
            "A merge kept it, or somebody added it to the lock by hand. Dependabot adds the group"
            " dev to a package that it updates; then it is a warning."
        ),
        remedy="Restore poetry.lock from git, or run `poetry lock`.",
    ),
    ProblemPage(
        code="host",
        summary="a pin comes from a host that the policy does not allow",
        severity="error",
        found_by="check",
        meaning=(
            "A URL or git pin names a host that is not in `hosts` of [tool.lockguard.policy]. The"
            " hosts of declared sources are always allowed."
        ),
        example="host: tool: locked from git.elsewhere.example, which is not one of the hosts",
        cause="A requirement with a new address was added, or the policy is newer than the lock.",
        remedy="Add the host to `hosts` after a review, or take the package from an allowed place.",
    ),
    ProblemPage(
        code="denied",
        summary="a pin is on the policy's deny list",
        severity="error",
        found_by="check",
        meaning="The package, or this version of it, is listed in `deny`.",
        example="denied: urllib3: locked at 1.26.5, denied by urllib3<2.2",
        cause="The list was extended after the lock was made, or `poetry lock` chose the version.",
        remedy="Move the pin with `poetry lockguard update NAME`, or change `deny`.",
    ),
    ProblemPage(
        code="advisory",
        summary="a pin has a known vulnerability or is known malware",
        severity="error",
        found_by="check",
        meaning=(
            "This version is affected according to a record of the policy's `advisories` (OSV)."
        ),
        example="advisory: jinja2: locked at 3.1.2, PYSEC-2026-1, fixed in 3.1.5",
        cause="The vulnerability became known after the lock was made, or nobody looked for it.",
        remedy=(
            "Run `poetry lockguard update --security`. If your project is not affected, add the"
            " advisory to `ignore` with a reason and a date."
        ),
    ),
    ProblemPage(
        code="too-young",
        summary="a release is younger than the policy's min-age",
        severity="error",
        found_by="check --online, fix for the releases that it adds, and snapshot verify",
        meaning=(
            "The index says that the release was uploaded more recently than `min-age` allows. A"
            " snapshot keeps what the index said, so no network is needed there."
        ),
        example="too-young: tool: 2.0 was released 3 hours ago, min-age is 7 days",
        cause="Most malicious releases are found within days, so the policy makes you wait.",
        remedy="Wait, or lock an older version with `poetry lockguard update NAME==VERSION`.",
    ),
    ProblemPage(
        code="content-replaced",
        summary="the same version has other file hashes than before",
        severity="error",
        found_by="check --against REV; against HEAD: check --deep, fix, install and the guard",
        meaning=(
            "Package, version and source are those of the lock at REV, but the file hashes are not."
            " A published file never changes."
        ),
        example="content-replaced: idna: 3.7 has other hashes than at main",
        cause="The lock was edited, or an index offers other bytes under the same name.",
        remedy="Treat it as an attack until you know better: restore the entry from REV.",
    ),
    ProblemPage(
        code="entry-altered",
        summary="the same version needs more than before, or is installed in more cases",
        severity="error",
        found_by="check --against REV; against HEAD: check --deep, fix, install and the guard",
        meaning=(
            "Version, source and files are those of the lock at REV, and so is everything that"
            " needs it, but the entry has more dependencies, or other groups or markers."
        ),
        example="entry-altered: idna: it needs extra-tool, which it did not at main",
        cause="The lock was edited. The requirements of a release never change.",
        remedy="Treat it as an attack until you know better: restore the entry from REV.",
    ),
    ProblemPage(
        code="re-sourced",
        summary="a pin comes from another source than before",
        severity="warning",
        found_by="check --against REV",
        meaning="The package was locked from another index or address at REV.",
        example="re-sourced (warning): tool: comes from company; at main it came from PyPI",
        cause="A source was added or changed, or the lock was edited.",
        remedy="Look at it in the review: is the new source the one that you want?",
    ),
    ProblemPage(
        code="downgraded",
        summary="a pin is older than before",
        severity="warning",
        found_by="check --against REV",
        meaning="The package was locked at a newer version at REV.",
        example="downgraded (warning): urllib3: 2.2.1 -> 1.26.5",
        cause="A requirement was narrowed, another package requires it, or the lock was edited.",
        remedy="Look at it in the review, because old versions can have known vulnerabilities.",
    ),
    ProblemPage(
        code="new-host",
        summary="the lock names a host that it did not name before",
        severity="warning",
        found_by="check --against REV",
        meaning="No pin of the lock at REV came from this host.",
        example="new-host (warning): files.example: tool 1.0 comes from there",
        cause="A requirement or a source with a new address was added, or the lock was edited.",
        remedy="Look at it in the review, and list allowed hosts in `hosts` of the policy.",
    ),
    ProblemPage(
        code="ambiguous-source",
        summary="several primary sources offer a package of this name",
        severity="error",
        found_by="check --online",
        meaning=(
            "The requirement names no source, and several sources have the package. Somebody who"
            " registers the name on one of them can replace it (dependency confusion)."
        ),
        example="ambiguous-source: company-tool: offered by company and by PyPI",
        cause="A private package's name also exists on a public index.",
        remedy='Add `source = "NAME"` to the requirement, or make the source `explicit`.',
    ),
)
