"""Poetry's configuration."""

from poetry.config.config import Config

__all__ = [
    "Config",
]
