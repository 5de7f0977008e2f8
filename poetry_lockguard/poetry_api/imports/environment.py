"""Poetry's virtual environments and interpreters."""

from poetry.utils.env import Env, EnvError, EnvManager, NullEnv

try:
    from poetry.utils.env.python import Python
except ImportError:  # up to Poetry 2.0
    from poetry.utils.env.python_manager import Python  # type: ignore[import-not-found,no-redef]

__all__ = [
    "Env",
    "EnvError",
    "EnvManager",
    "NullEnv",
    "Python",
]
