"""Where files lie: configuration, data, state and cache folders (XDG, on Windows the usual ones). Imports nothing that takes time."""

import os


def folder(environment: "dict[str, str]", variable: str, home: str, windows: str) -> str:
    """A folder of the XDG base directories, or its like on Windows."""
    if os.name == "nt" and environment.get(windows):
        return environment[windows]
    return environment.get(variable) or os.path.join(os.path.expanduser("~"), *home.split("/"))


def config(environment: "dict[str, str]") -> str:
    """The config file: $SFA_CONFIG, else sfa/config.toml in the configuration folder."""
    named = environment.get("SFA_CONFIG")
    return named or os.path.join(folder(environment, "XDG_CONFIG_HOME", ".config", "APPDATA"), "sfa", "config.toml")


def database(environment: "dict[str, str]") -> str:
    """The database file where nobody names one."""
    return os.path.join(folder(environment, "XDG_DATA_HOME", ".local/share", "LOCALAPPDATA"), "sfa", "sfa.db")


def state(environment: "dict[str, str]") -> str:
    """The folder of what is remembered between runs and may be lost."""
    return os.path.join(folder(environment, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA"), "sfa")


def cache(environment: "dict[str, str]") -> str:
    """The folder of what can be made again."""
    return os.path.join(folder(environment, "XDG_CACHE_HOME", ".cache", "LOCALAPPDATA"), "sfa", *(["cache"] if os.name == "nt" else []))
