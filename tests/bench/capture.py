"""Capture of a mailbox against parsing its headers alone with the standard library, and in messages a second of CPU."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from measure import Row, cpu, environment, ratio, sfa

MAILS, CONTACTS = 20_000, 500
A_SECOND = 2_000
"""Messages that a second of CPU is worth."""
PARSED = """
import mailbox, sys
for message in mailbox.mbox(sys.argv[1], create=False):
    message["From"], message["To"], message["Date"], message["Subject"], message["Message-ID"], message["References"]
"""


def mailed(path: Path, mails: int = MAILS) -> Path:
    """Write an mbox file of `mails` messages: a third with contacts, some threads, lists and strangers; 3 KB each, always the same."""
    dice = random.Random(17)
    hops = "".join(
        f"Received: from mx{i}.example by mx{i + 1}.example with ESMTPS id {i}; Fri, 20 Nov 2026 09:15:00 +0100\n" for i in range(6)
    )
    signed = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=x.example;\n\tb=" + "x" * 200 + "\n"
    with path.open("w", encoding="utf-8") as stream:
        for i in range(mails):
            kind = dice.random()
            number = dice.randrange(CONTACTS if kind < 0.35 else 100_000)
            who = f"=?utf-8?Q?M=C3=BCller_{number}?= <person{number}@firm{number % 90}.example>"
            ours = "Anna Ferrari <anna@house.example>"
            sender, to = (who, ours) if dice.random() < 0.6 else (ours, who)
            more = "List-Id: <news.shop.example>\n" if kind > 0.8 else f"References: <{i - 1}@x.example>\n" if i % 3 == 0 else ""
            day = f"{1 + i % 28:02} {('Sep', 'Oct')[i % 2]} 2026 {i % 24:02}:{i % 60:02}:00 +0200"
            stream.write(
                f"From x Fri Nov 20 09:15:00 2026\n{hops}{signed}From: {sender}\nTo: {to}\nCc: Ben <ben@house.example>\nDate: {day}\n"
                f"Message-ID: <{i}@x.example>\nSubject: =?utf-8?B?QW5nZWJvdCBmw7xyIFrDpGhsZXI=?= {i}\n{more}MIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=utf-8\n\n{'Dear all, it is as we said. ' * 60}\n\n"
            )
    return path


def rows(folder: Path) -> Iterator[Row]:
    """20,000 messages ≤ 2 × reading their headers with the standard library, and at least 2,000 a second; a second run no slower."""
    path, db = mailed(folder / "mail.mbox"), folder / "mail.db"
    env = environment(db)
    people = folder / "people.csv"
    lines = [f"Person {n},Firm {n % 90},person{n}@firm{n % 90}.example" for n in range(CONTACTS)]
    people.write_text("Name,Account,Email\n" + "\n".join(lines) + "\n", encoding="utf-8")
    for argv in (("user", "add", "anna", "email=anna@house.example"), ("import", "contact", str(people), "--on-missing", "create")):
        subprocess.run(sfa(*argv), env=env, check=True, capture_output=True)

    def first() -> float:
        done = cpu(sfa("capture", "mail", str(path)), env)
        subprocess.run(sfa("undo", "--yes"), env=env, check=True, capture_output=True)
        return done

    def parsed() -> float:
        return cpu([sys.executable, "-c", PARSED, str(path)])

    seconds = first()
    told = f"{MAILS / seconds:,.0f} messages a second of CPU"
    yield Row(f"sfa capture mail, {MAILS:,} messages", "mailbox.mbox, six headers each", 2.0, ratio(first, parsed, 3), told)
    yield Row("… at so many a second of CPU", f"{A_SECOND:,} messages a second", 1.0, A_SECOND * seconds / MAILS)
    subprocess.run(sfa("capture", "mail", str(path)), env=env, check=True, capture_output=True)
    yield Row("… run again", "mailbox.mbox, six headers each", 2.0, ratio(lambda: cpu(sfa("capture", "mail", str(path)), env), parsed, 3))
