"""Sales force automation for the terminal."""

__version__ = "0.4.0"
