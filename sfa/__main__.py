"""`python -m sfa` is `sfa`."""

from sfa.entry import main

if __name__ == "__main__":
    main()
