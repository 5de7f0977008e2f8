"""Runs Poetry's own ``install`` or ``sync``, so that it behaves as users know it.

Only two parts are replaced: the executor, whose downloads fail over from one endpoint to the next,
and, if the lock in the folder is not the one to install, the locker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleo.formatters.formatter import Formatter
from cleo.io.inputs.argv_input import ArgvInput
from packaging.utils import canonicalize_name

from poetry_lockguard import toml
from poetry_lockguard.errors import UsageError
from poetry_lockguard.installing.build_pool import PinnedPool
from poetry_lockguard.installing.executor import FailoverExecutor
from poetry_lockguard.mirrors.failover import Endpoints, NoEndpointError, endpoints
from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.environment import EnvManager, NullEnv
from poetry_lockguard.poetry_api.imports.install_commands import InstallCommand, SyncCommand
from poetry_lockguard.poetry_api.imports.packages import Locker
from poetry_lockguard.poetry_api.imports.plugins import PluginManager
from poetry_lockguard.snapshots.document import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cleo.io.io import IO

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.installing.build_pool import BuildPins
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.poetry_api.imports.application import Application
    from poetry_lockguard.poetry_api.imports.environment import Env
    from poetry_lockguard.poetry_api.imports.installation import Installer
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallRequest:
    """What to install, and through which network.

    ``tokens`` are the options for Poetry's own command. ``lock_text`` is a lock to install instead
    of the one in the folder (for a dry run); ``as_is`` installs even a stale lock. ``only`` is the
    endpoint that has everything, in place of the indexes. ``builds`` are pinned build requirements.
    """

    tokens: tuple[str, ...]
    network: Network
    sync: bool = False
    as_is: bool = False
    lock_text: str | None = None
    only: Endpoint | None = None
    builds: BuildPins | None = None


@dataclass(frozen=True, slots=True)
class InstallOutcome:
    """Poetry's exit code, and one sentence for each failed download."""

    code: int
    failures: tuple[str, ...] = ()


class GivenLocker(Locker):
    """A locker that accepts a lock as it is, from the folder or from a text."""

    def __init__(self, poetry: Poetry, lock_text: str | None) -> None:
        super().__init__(poetry.locker.lock, poetry.pyproject.data)
        self._given: dict[str, Any] | None = None if lock_text is None else toml.loads(lock_text)

    @property
    def lock_data(self) -> dict[str, Any]:
        """The lock to install from."""
        return super().lock_data if self._given is None else self._given

    def is_locked(self) -> bool:
        """Return whether there is a lock to install from."""
        return self._given is not None or super().is_locked()

    def is_fresh(self) -> bool:
        """Return True, so that Poetry continues."""
        return True


class _Install(InstallCommand):
    """Poetry's install, with the executor replaced as soon as Poetry has created one."""

    endpoints: Endpoints
    builds: BuildPins | None = None
    failures: Sequence[str] = ()

    def set_installer(self, installer: Installer) -> None:
        """Replace the executor of Poetry's installer, before anything runs."""
        executor = FailoverExecutor.taking_over(
            installer.executor, self.endpoints, self.poetry.config, self.builds
        )
        self.failures = executor.failures
        private.set_executor(installer, executor)
        super().set_installer(installer)


class _Sync(_Install, SyncCommand):
    """Poetry's sync, with the executor replaced in the same way."""


class NoEnv(NullEnv):
    """An environment that does not exist yet: the running Python's, with no packages."""

    @property
    def sys_path(self) -> list[str]:
        """An empty list: nothing can be imported."""
        return []


def existing_env(poetry: Poetry, io: IO) -> Env:
    """Return the project's environment; an empty one if Poetry would have to create it."""
    env = EnvManager(poetry, io=io).get()
    if not env.is_venv() and poetry.config.get("virtualenvs.create"):
        return NoEnv()
    return env


def refuse_unknown(poetry: Poetry, *, groups: Iterable[str], extras: Iterable[str]) -> None:
    """Raise UsageError for groups or extras that the manifest does not declare."""
    known = poetry.package.dependency_group_names(include_optional=True)
    _refuse(poetry, "group", groups, known)
    _refuse(poetry, "extra", extras, poetry.package.extras)


def _refuse(poetry: Poetry, what: str, named: Iterable[str], declared: Iterable[str]) -> None:
    known = {canonicalize_name(name) for name in declared}
    unknown = sorted({name for name in named if canonicalize_name(name) not in known})
    if unknown:
        raise UsageError(
            f"{poetry.pyproject_path}: no such {what}: {', '.join(unknown)};"
            f" it declares {', '.join(sorted(known)) or 'none'}"
        )


def install(
    application: Application, poetry: Poetry, request: InstallRequest, io: IO
) -> InstallOutcome:
    """Run Poetry's own command in ``application``; its output goes to ``io``."""
    if request.as_is or request.lock_text is not None:
        poetry.set_locker(GivenLocker(poetry, request.lock_text))
    if request.as_is:  # or Poetry 2.0 would ask the solver whether the lock fits the manifest
        poetry.config.merge({"installer": {"re-resolve": False}})
    command = _Sync() if request.sync else _Install()
    if "--dry-run" in request.tokens:
        command.set_env(existing_env(poetry, io))
    command.set_application(application)
    private.set_poetry(command, poetry)
    only = None if request.only is None else [request.only]
    with endpoints(poetry, request.network, only) as opened:
        command.endpoints = opened
        command.builds = request.builds
        if request.builds is not None:  # the project's own build takes it from Poetry's pool
            first = next(iter(opened))
            poetry.set_pool(PinnedPool(first.pool, request.builds.of(ROOT)))
        if "--no-plugins" not in request.tokens:
            _ensure_plugins(poetry, opened, io)
        name = command.name or "install"
        source = ArgvInput(["poetry", name, *request.tokens])
        source.interactive(io.input.is_interactive())
        source.set_stream(io.input.stream)
        try:
            code = private.run_command(application, command, io.with_input(source))
        except Exception as error:  # noqa: BLE001 - Poetry raises errors of every kind
            message = " ".join(Formatter().remove_format(str(error)).split())
            return InstallOutcome(1, (message or type(error).__name__,))
        return InstallOutcome(code, tuple(command.failures))


def _ensure_plugins(poetry: Poetry, opened: Endpoints, io: IO) -> None:
    """Make the required plugins available, downloaded through the endpoints, too."""
    if not poetry.local_config.get("requires-plugins"):
        return
    own = poetry.pool

    def ensure(pool: Any) -> None:
        poetry.set_pool(pool)
        PluginManager.ensure_project_plugins(poetry, io)

    try:
        opened.first(lambda endpoint: ensure(endpoint.pool))
    except NoEndpointError as error:
        raise UsageError(
            f"{poetry.pyproject_path}: the plugins it requires cannot be installed: {error}"
        ) from error
    finally:
        poetry.set_pool(own)
