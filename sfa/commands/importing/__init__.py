"""What an import says before and after it: its mapping and its summary. The command is `commands/import_.py`."""
