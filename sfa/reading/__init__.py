"""The parts of reading files of rows: guessing encodings, records out of lines, sheets, JSON. What the rest uses is `sfa/tabular.py`."""
