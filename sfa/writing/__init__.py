"""Records in the forms that other programs read: CSV and TSV, workbooks, vCards, calendars."""
