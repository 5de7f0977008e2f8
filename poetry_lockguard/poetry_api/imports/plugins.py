"""How Poetry loads plugins."""

from poetry.plugins.plugin_manager import PluginManager

__all__ = [
    "PluginManager",
]
