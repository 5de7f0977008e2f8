"""Poetry's clones of git repositories."""

from poetry.vcs.git import Git

__all__ = ["Git"]
