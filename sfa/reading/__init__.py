"""Files of rows that come in: bytes and their encoding, records out of lines, sheets, JSON, vCards, calendars; `tabular.py` opens any."""
