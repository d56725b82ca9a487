"""Where configuration is looked for: the user's own folder first, then what ships, then what plug-ins bring."""

from __future__ import annotations

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from experiments.options import own_folder
from experiments.registry import plugin_folders


class TenureSearchPath(SearchPathPlugin):
    """Adds `./tenure_conf/` before, and the `conf/` of plug-ins behind, the shipped configuration."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra whenever it makes a search path."""
        own = own_folder()
        if own is not None:
            search_path.prepend(provider="tenure-own", path=f"file://{own}")
        for folder in plugin_folders():
            search_path.append(provider="tenure-plugin", path=f"file://{folder}")


def register() -> None:
    """Make Hydra ask for the folders; asking twice changes nothing."""
    if TenureSearchPath not in Plugins.instance().discover(SearchPathPlugin):
        Plugins.instance().register(TenureSearchPath)
