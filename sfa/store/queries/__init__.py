"""Named reads for reports, one family a file."""
