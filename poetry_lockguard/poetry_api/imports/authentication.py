"""Poetry's HTTP session with its credentials and certificates."""

from poetry.utils.authenticator import Authenticator
from poetry.utils.constants import REQUESTS_TIMEOUT

__all__ = [
    "REQUESTS_TIMEOUT",
    "Authenticator",
]
