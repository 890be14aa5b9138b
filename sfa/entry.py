"""The program's beginning: completion is answered here, before anything that takes time is imported; all else is `cli.main`'s."""

import sys

COMPLETE = "__complete"
"""The first word of the command line that a shell's completion calls."""


def main() -> None:
    """Answer a shell, or run the command."""
    if sys.argv[1:2] == [COMPLETE]:
        from sfa import completing

        completing.main(sys.argv[2:])
    from sfa import cli

    cli.main()
