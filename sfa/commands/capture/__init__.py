"""Capture of what already exists: mail, call logs and calendars become activities on the records that they are about."""

from __future__ import annotations

from sfa.commands.grouping import Lazy

COMMANDS = Lazy("sfa.commands.capture", {"mail": "mail:command", "calls": "calls:command", "calendar": "calendar:command"})
