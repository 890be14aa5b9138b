"""The small world in which the examples of help texts are run: a few records of each kind and three files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

EARLIER = "2026-11-02T09:00:00Z"
STEPS = (
    "user add 'Anna Ferrari' email=anna@house.example team=EMEA region=Europe",
    "user add 'Ben Okafor' email=ben@house.example manager=Anna team=EMEA region=Europe",
    "user add 'Cleo Marin' email=cleo@house.example manager=Anna team=EMEA region=Europe",
    "account add 'Blue Harbor Ltd' --industry logistics --country Ireland types=customer",
    "account add 'Rival Corp' types=competitor",
    "account add 'Star Ferries' --industry shipping --country Norway",
    "contact add 'Wei Zhang' --account 'Blue Harbor' --email wei@blueharbor.example --phone '+353 1 555 0100'",
    "product add 'Flow Meter' --code FM-1 --family sensors --list-price 1200",
    "opp add 'Blue Harbor renewal' --account 'Blue Harbor' --amount 48k --close eom",
    "opp add 'Star gauges' account='Star Ferries' --amount 9k opened=2026-02-02",
    "opp lose 'Star gauges' --reason 'too expensive' --competitor rival closed=2026-04-10",
    "opp add 'Dock cranes' --account 'Blue Harbor' --amount 60k --close 2026-12-15 --owner Ben",
    "account add 'Old Mill' --industry paper",
)
LATER = (
    "forecast adjust Ben best_case 60k",
    "forecast judge 'Dock cranes' include --column best_case",
    "lead add 'Mary Cole' --company 'Green Foods' --email mary@greenfoods.example --source web",
    "log O-1 call 'Spoke with Wei about the renewal' --next 'send quote' --due +3d",
    "task add 'call the bank' --due +1d",
    "quota set Anna 2026-Q4 300k",
    "rate set EUR 1.08 --date 2026-10-01",
    "report save friday forecast --by team",
    "rule add 'Web leads' source:web --to Ben --order 2",
    "filter save big 'amount>50k'",
    "filter save hot @big is:open",
    "config alias add fc 'forecast --by rep'",
    "config default set opp source=web close=eom",
)
FILES = {
    "commands.txt": "# What the shell reads.\nopp list is:mine\nforecast\n",
    "leads.csv": "Name,Company,Email,Lead Source\nJo Silva,Silva Lda,jo@silva.example,Web\n"
    "王伟,北京科技有限公司,wang@keji.example,Referral\n",
    "leads.ndjson": '{"Name": "Ada Obi", "Company": "Obi Ltd", "Owner": {"Name": "Anna Ferrari"}}\n{"Name": "Li Na", "Company": "Na"}\n',
    "accounts.csv": "Account Name,Industry,Country\nNorth Pier GmbH,Logistics,Germany\nSouth Dock SA,Shipping,Spain\n",
    "opportunities.csv": "Id,Name,Account,Stage,Amount,Close Date\n0061,Pier scanners,Blue Harbor Ltd,Proposal,12500,2026-12-15\n",
    "history.csv": "opportunity,changed,stage,amount,close\nO-1,2026-09-01T09:00:00Z,Prospecting,40000,2026-10-31\n",
    "crm/Account.csv": '"Id","Name","ParentId"\n"0011","Pier Group",""\n"0012","Pier North","0011"\n',
    "crm/Opportunity.csv": '"Id","Name","AccountId","StageName","Amount"\n"0061","Cranes","0012","Needs Analysis","9000"\n',
    "quotas.csv": "Rep,Q1 2027,Q2 2027,Total\nAnna Ferrari,300k,320k,620k\nBen Okafor,150k,-,150k\n",
    "phone.vcf": "BEGIN:VCARD\nVERSION:3.0\nFN:Mia Lund\nORG:South Dock SA\nTEL;TYPE=CELL:+45 20 12 34 56\nEND:VCARD\n",
    "inbox.mbox": "From wei@blueharbor.example Fri Nov 20 09:15:00 2026\nFrom: Wei Zhang <wei@blueharbor.example>\n"
    "To: Anna <anna@house.example>\nDate: Fri, 20 Nov 2026 09:15:00 +0000\nMessage-ID: <1@blueharbor.example>\n"
    "Subject: =?utf-8?b?5oql5Lu3?=\n\nHello\n\nFrom jo@silva.example Sat Nov 21 09:15:00 2026\nFrom: Jo Silva <jo@silva.example>\n"
    "To: anna@house.example\nDate: Sat, 21 Nov 2026 09:15:00 +0000\nMessage-ID: <2@silva.example>\nSubject: Prices?\n\nHello\n",
    "Maildir/new/1795252500.M1P1.host": "From: anna@house.example\nTo: mary@greenfoods.example\nDate: Sun, 22 Nov 2026 09:15:00 +0000\n"
    "Message-ID: <3@house.example>\nSubject: Brochure\n\nHello\n",
    "calls.csv": "Date,Time,Phone Number,Call Type,Duration\n2026-11-20,09:15,+353 1 555 0100,Incoming,0:04:12\n"
    "2026-11-21,10:00,+49 30 901820,Missed,0:00:00\n",
    "work.ics": "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//x\nBEGIN:VEVENT\nUID:7@x.example\nDTSTAMP:20261101T080000Z\n"
    "DTSTART:20261130T090000Z\nSUMMARY:Plant tour\nATTENDEE:mailto:wei@blueharbor.example\nEND:VEVENT\nEND:VCALENDAR\n",
    "map.toml": '[columns]\n"Lead Source" = "source"\n[set]\nrating = "warm"\n',
}


def build(folder: Path, run: Callable[..., Any]) -> None:
    """Make the database and the files in `folder` (the current folder). `run(*argv, at)` must succeed; `at` is the moment of a step, None
    for now."""
    import shlex

    for steps, at in ((STEPS, EARLIER), (LATER, None)):
        for step in steps:
            run(*shlex.split(step), at=at)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
