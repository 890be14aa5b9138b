"""One noun a file: parse, read, decide, write, show."""
