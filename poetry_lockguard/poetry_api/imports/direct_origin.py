"""Poetry's clones of git repositories, and its reader of packages from them, files and URLs."""

from poetry.packages.direct_origin import DirectOrigin
from poetry.vcs.git import Git

clone_name = Git.get_name_from_source_url  #: the folder of a clone, below the source root

__all__ = [
    "DirectOrigin",
    "Git",
    "clone_name",
]
