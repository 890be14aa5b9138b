"""`python -m sfa` is `sfa`."""

from sfa.cli import main

if __name__ == "__main__":
    main()
