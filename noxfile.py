"""The matrix of Pythons and Poetry releases; ``nox -l`` lists the sessions."""

from pathlib import Path

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
POETRYS = ["2.0", "2.1", "2.2", "2.3", "2.4", "2.5"]

nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "uv|virtualenv"


def prepare(session: nox.Session, poetry: str = ">=2.0") -> None:
    """Install the project for its tests, with the Poetry release asked for."""
    session.install(f"poetry{poetry}", "-e", ".[test]")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests with the newest Poetry."""
    prepare(session)
    session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS)
@nox.parametrize("poetry", POETRYS)
def contract(session: nox.Session, poetry: str) -> None:
    """Run what must hold for every supported Poetry."""
    prepare(session, f"=={poetry}.*")
    session.run("pytest", "-m", "contract", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Hold the code to its form."""
    session.install("ruff")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Hold the code to its types."""
    prepare(session)
    session.install("mypy", "types-requests", "types-jsonschema", "nox", ".[docs]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; open its ``index.html``."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-n", "-q", "docs", "dist/docs")


@nox.session
def kills(session: nox.Session) -> None:
    """Kill a fix at a thousand random moments."""
    prepare(session)
    session.run("pytest", "--slow", "-s", "tests/relock/test_kills.py", *session.posargs)


@nox.session
def long(session: nox.Session) -> None:
    """Run every sampled test in its long form."""
    prepare(session)
    session.run("pytest", "--slow", "-m", "slow", "-s", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Print the ratios of the table of performance, peers beside ours."""
    prepare(session)
    session.install("uv", "pdm", "hishel<2", "unearth<0.18")  # PDM 2.29 fails with newer ones
    for benchmark in sorted(Path("tests/benchmarks").glob("*.py")):
        session.run("python", str(benchmark), *session.posargs)
