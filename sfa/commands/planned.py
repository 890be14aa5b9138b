"""What is said when something is planned: what else there is at that hour, and a day or an hour that nobody works."""

from __future__ import annotations

from datetime import date

from sfa import output
from sfa.messages import say
from sfa.sales import workdays
from sfa.sales.kinds import Kind
from sfa.store import lookup, planning
from sfa.store.database import Store


def tell(store: Store, kind: Kind, number: int) -> None:
    """Say what stands against the plan of a task, or of an activity's next step or the activity itself where it is to come."""
    record = lookup.get(store, kind.name, number) or {}
    if record.get("done"):
        return
    for ref, name, at in planning.clashes(store, kind, record):
        output.warning(say("{ref} {name} is at {at} on that day", ref=ref, name=name, at=at))
    if due := record.get("due"):
        if said := workdays.told(date.fromisoformat(due), store.calendar):
            output.message(say("{said}.", said=said))
        elif record.get("at") and (hours := workdays.outside(record["at"], store.calendar)):
            output.message(say("{at} is outside the working hours, {hours}.", at=record["at"], hours=hours))
