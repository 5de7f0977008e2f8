"""Poetry's installer and its parts."""

from poetry.installation.chef import Chef
from poetry.installation.chooser import Chooser
from poetry.installation.executor import Executor
from poetry.installation.installer import Installer
from poetry.installation.operations import Install, Update
from poetry.installation.operations.operation import Operation

__all__ = [
    "Chef",
    "Chooser",
    "Executor",
    "Install",
    "Installer",
    "Operation",
    "Update",
]
