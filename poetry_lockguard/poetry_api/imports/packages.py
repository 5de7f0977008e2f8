"""Poetry's lock file and the packages in it."""

from poetry.packages import DependencyPackage
from poetry.packages.locker import Locker
from poetry.packages.transitive_package_info import TransitivePackageInfo

__all__ = [
    "DependencyPackage",
    "Locker",
    "TransitivePackageInfo",
]
