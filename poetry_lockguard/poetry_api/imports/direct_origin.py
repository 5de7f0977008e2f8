"""Poetry's reader of packages from files, folders, URLs and git repositories."""

from poetry.packages.direct_origin import DirectOrigin
from poetry.vcs.git import Git

clone_name = Git.get_name_from_source_url  #: the folder of a clone, below the source root

__all__ = [
    "DirectOrigin",
    "clone_name",
]
