"""Mail captured through the program: once, on the right records, with a way back; what is passed over is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Sfa


def mail(
    number: int,
    sender: str = "Wei Zhang <wei@harbor.example>",
    to: str = "Anna <anna@house.example>",
    day: str = "20 Nov 2026",
    subject: str = "Quote",
    more: str = "",
) -> str:
    """A message as an mbox file has it."""
    return (
        f"From x@x Fri Nov 20 09:15:00 2026\nFrom: {sender}\nTo: {to}\nDate: {day} 09:{number:02}:00 +0000\n"
        f"Message-ID: <{number}@x.example>\nSubject: {subject}\n{more}\nHello {number}\n\n"
    )


@pytest.fixture
def world(sfa: Sfa) -> Sfa:
    for line in (
        ("user", "add", "Anna Ferrari", "email=anna@house.example"),
        ("user", "add", "Ben Okafor", "email=ben@house.example"),
        ("account", "add", "Blue Harbor", "website=https://www.harbor.example/en"),
        ("contact", "add", "Wei Zhang", "--account", "Blue Harbor", "--email", "wei@harbor.example", "other_emails=wei@gmail.com"),
        ("opp", "add", "Renewal", "--account", "Blue Harbor", "opened=2026-06-01", "--close", "2026-12-31"),
        ("lead", "add", "Mary Cole", "--company", "Green Foods", "--email", "mary@green.example"),
    ):
        sfa.ok(*line)
    return sfa


def put(sfa: Sfa, *parts: str, name: str = "in.mbox") -> str:
    (sfa.folder / name).write_bytes("".join(parts).encode())
    return name


def logged(sfa: Sfa) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = sfa.ok("activity", "list", "--sort", "when", "--json").json
    return [{k: r[k] for k in ("kind", "direction", "text", "opportunity", "contact", "lead", "account", "owner")} for r in rows]


def test_mail_goes_where_it_belongs(world: Sfa) -> None:
    name = put(
        world,
        mail(1),
        mail(2, "anna@house.example", "wei@gmail.com", subject="Re: Quote"),
        mail(3, "ben@house.example", "mary@green.example", subject="Brochure"),
        mail(4, "new@harbor.example", subject="Invoice"),
        mail(5, day="2 Feb 2026", subject="Before the deal"),
    )
    made = world.ok("capture", "mail", name)
    assert made.out == "" and "5 messages of in.mbox: 5 new (2 sent, 3 received)  (take back: sfa undo)" in made.err
    base = {"kind": "email", "lead": None, "account": "Blue Harbor", "owner": "Anna Ferrari"}
    assert logged(world) == [
        {**base, "direction": "in", "text": "Before the deal", "opportunity": None, "contact": "Wei Zhang"},
        {**base, "direction": "in", "text": "Quote", "opportunity": "Renewal", "contact": "Wei Zhang"},
        {**base, "direction": "out", "text": "Re: Quote", "opportunity": "Renewal", "contact": "Wei Zhang"},
        {
            **base,
            "direction": "out",
            "text": "Brochure",
            "opportunity": None,
            "contact": None,
            "lead": "Mary Cole",
            "account": None,
            "owner": "Ben Okafor",
        },
        {**base, "direction": "in", "text": "Invoice", "opportunity": "Renewal", "contact": None},
    ]
    assert "Hello" not in world.ok("activity", "list", "--json").out
    assert world.ok("lead", "show", "Mary Cole", "--json").json["status"] == "working"
    world.ok("undo")
    assert logged(world) == [] and world.ok("lead", "show", "Mary Cole", "--json").json["status"] == "new"
    assert world.ok("db", "check").code == 0


def test_a_second_run_changes_nothing(world: Sfa) -> None:
    name = put(world, mail(1), mail(2), mail(1))
    first = world.ok("capture", "mail", name, "--json").json
    assert (first["new"], first["copies"], bool(first["operation"])) == (2, 1, True)
    before = world.ok("history", "--json").out
    again = world.ok("capture", "mail", name, "--json").json
    assert (again["new"], again["unchanged"], again["operation"]) == (0, 2, None)
    assert world.ok("history", "--json").out == before
    assert "2 already there. Nothing was changed." in world.ok("capture", "mail", name).err
    more = world.ok("capture", "mail", put(world, mail(1), mail(3)), "--json").json
    assert (more["new"], more["unchanged"]) == (1, 1)
    # What was taken back comes again, what somebody deleted does not.
    world.ok("undo")
    assert world.ok("capture", "mail", name, "--json").json["new"] == 1
    world.ok("activity", "delete", "AC-1", "--yes")
    assert world.ok("capture", "mail", "in.mbox", "--json").json["deleted_here"] == 1
    world.ok("undo")
    assert world.ok("capture", "mail", "in.mbox", "--json").json["deleted_here"] == 0


def test_a_dry_run_counts_the_same_and_writes_nothing(world: Sfa) -> None:
    name = put(world, mail(1), mail(2, "x@gmail.com"), mail(3, "anna@house.example", "ben@house.example"))
    before = world.db.read_bytes()
    dry = world.ok("capture", "mail", name, "--dry-run", "--json").json
    assert world.db.read_bytes() == before and (dry["dry_run"], dry["operation"]) == (True, None)
    real = world.ok("capture", "mail", name, "--json").json
    apart = {"dry_run", "operation", "seconds"}
    assert {k: v for k, v in dry.items() if k not in apart} == {k: v for k, v in real.items() if k not in apart}
    assert (real["new"], real["unknown"], real["internal"]) == (1, 1, 1)


def test_a_reply_goes_to_the_deal_of_its_thread(world: Sfa) -> None:
    world.ok("capture", "mail", put(world, mail(1)))
    world.ok("opp", "win", "Renewal", "--amount", "48k")
    world.ok("opp", "add", "Cranes", "--account", "Blue Harbor", "opened=2026-06-01", "--close", "2026-12-31")
    world.ok("opp", "add", "Lamps", "--account", "Blue Harbor", "opened=2026-06-01", "--close", "2026-12-31")
    # The answer to an answer stands in front of what it answers, and several other deals are running.
    made = world.ok(
        "capture",
        "mail",
        put(
            world,
            mail(5, day="24 Nov 2026", subject="Re: Re: Quote", more="References: <9@gone> <4@x.example>\n"),
            mail(
                4, "anna@house.example", "wei@harbor.example", day="24 Nov 2026", subject="Re: Quote", more="In-Reply-To: <1@x.example>\n"
            ),
            mail(6, day="24 Nov 2026", subject="Something else"),
        ),
        "--json",
    ).json
    assert (made["new"], made["threads"], made["several_deals"], made["on_deals"]) == (3, 2, 1, 2)
    assert [(r["text"], r["opportunity"]) for r in logged(world)][1:] == [
        ("Re: Quote", "Renewal"),
        ("Re: Re: Quote", "Renewal"),
        ("Something else", None),
    ]


def test_a_thread_that_is_forwarded_to_another_company_stays_apart(world: Sfa) -> None:
    world.ok("account", "add", "Star")
    world.ok("contact", "add", "Ole", "--account", "Star", "--email", "ole@star.example")
    world.ok("capture", "mail", put(world, mail(1), mail(2, "anna@house.example", "ole@star.example", more="References: <1@x.example>\n")))
    assert [(r["account"], r["opportunity"]) for r in logged(world)] == [("Blue Harbor", "Renewal"), ("Star", None)]


def test_what_is_no_conversation_is_counted(world: Sfa) -> None:
    made = world.ok(
        "capture",
        "mail",
        put(
            world,
            mail(1, more="List-Id: <news.shop.example>\n"),
            mail(2, "MAILER-DAEMON@house.example"),
            mail(3, more="Auto-Submitted: auto-replied\n"),
            mail(4, "ben@house.example"),
            mail(5, "cleo@house.example", "Anna <anna@house.example>"),
            mail(6, "Max <max@gmail.com>", subject="Prices?"),
            mail(7, "anna@house.example", "undisclosed-recipients:;"),
        ),
    )
    assert "7 messages of in.mbox: nothing to capture. Nothing was changed." in made.err
    assert "passed over: 1 of mailing lists, 1 undeliverable or receipts, 1 automatic, 2 internal, 1 to nobody" in made.err
    assert "1 of strangers alone; 1 unknown address: sfa capture mail in.mbox --unknown" in made.err


def test_strangers_are_listed_with_the_command_that_adds_them(world: Sfa) -> None:
    name = put(
        world, mail(1, "=?utf-8?B?546L5Lyf?= <wang@keji.example>"), mail(2, "wang@keji.example"), mail(3, "New One <new@harbor.example>")
    )
    before = world.db.read_bytes()
    rows = world.ok("capture", "mail", name, "--unknown", "--json").json
    assert world.db.read_bytes() == before
    assert [(r["address"], r["name"], r["sent"], r["received"], r["account"]) for r in rows] == [
        ("wang@keji.example", "王伟", 2, 0, None),
        ("new@harbor.example", "New One", 1, 0, "A-1"),
    ]
    import shlex

    for row in rows:
        world.ok(*shlex.split(row["command"])[1:])
    made = world.ok("capture", "mail", name, "--json").json
    assert (made["new"], made["unknown"]) == (3, 0)
    assert world.ok("capture", "mail", name, "--unknown").out.strip() == "address\tname\tsent\treceived\tlast\taccount\tcommand"


def test_further_addresses_of_ones_own(world: Sfa) -> None:
    name = put(world, mail(1, "Anna <anna@elsewhere.example>", "wei@harbor.example"))
    assert "none of it is from or to an address of a user" in world.ok("capture", "mail", name, "--dry-run").err
    world.ok("config", "set", "addresses", "anna@elsewhere.example, a@b.example")
    world.ok("capture", "mail", name)
    assert [(r["direction"], r["owner"]) for r in logged(world)] == [("out", "Anna Ferrari")]


def test_where_nobody_has_an_address_yet_the_usual_one_is_named(sfa: Sfa) -> None:
    sfa.ok("contact", "add", "Wei Zhang", "--email", "wei@harbor.example")
    name = put(sfa, mail(1), mail(2, "Anna <anna@house.example>", "wei@harbor.example"), mail(3, "x@y.example"))
    made = sfa.ok("capture", "mail", name)
    assert "2 new (1 sent, 1 received)" in made.err
    assert "is this yours? sfa user edit me email=anna@house.example" in made.err
    sfa.ok("user", "edit", "me", "email=anna@house.example")
    assert "is this yours" not in sfa.ok("capture", "mail", name).err


def test_bodies_are_kept_where_they_are_asked_for(world: Sfa) -> None:
    world.ok("capture", "mail", put(world, mail(1)), "--bodies")
    assert [r["text"] for r in logged(world)] == ["Quote\nHello 1"]
    assert [h["ref"] for h in world.ok("search", "hello", "--json").json] == ["AC-1"]


def test_a_folder_standard_input_and_a_day_to_begin_with(world: Sfa) -> None:
    for part in ("cur", "new", "tmp"):
        (world.folder / "Maildir" / part).mkdir(parents=True)
    text = mail(1).partition("\n")[2]
    for name in ("cur/1.a.host:2,S", "cur/2.b.host:2,ST", "new/3.c.host", "tmp/4.d.host"):
        (world.folder / "Maildir" / name).write_text(text.replace("<1@", f"<{name[4]}@"))
    made = world.ok("capture", "mail", "Maildir", "--json").json
    assert (made["read"], made["new"], made["deleted"]) == (3, 2, 1)
    made = world.ok("capture", "mail", "-", "--since", "2026-11-21", "--json", input=mail(7) + mail(8, day="21 Nov 2026")).json
    assert (made["read"], made["new"], made["earlier"]) == (2, 1, 1)


def test_odd_messages_are_told_never_dropped(world: Sfa) -> None:
    undated = mail(1).replace("Fri Nov 20 09:15:00 2026", "Fri Nov 20 25:99 0000").replace("Date:", "X-Date:")
    odd = mail(2, day="99 Foo", subject="=?utf-8?B?broken\x1b[31m?= \x1b]0;title\x07 red")
    made = world("capture", "mail", put(world, undated, odd), "--json").json
    assert (made["read"], made["new"], made["odd_dates"], made["undated"]) == (2, 1, 1, 1)
    assert made["undated_messages"] == ["in.mbox, message 1"]
    told = world.ok("activity", "show", "AC-1", "--format", "table").out
    assert "\x1b" not in told and "red" in told
    err = world.ok("capture", "mail", "in.mbox").err
    assert "1 without any date, not logged: in.mbox, message 1" in err


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("none.mbox",), 3, "there is no file or folder"),
        (("a.csv",), 2, "is no mail"),
        (("in.mbox", "--since", "2030-01-01"), 2, "in the future"),
        (("in.mbox", "--format", "csv"), 2, "no format 'csv' for a summary"),
        ((), 2, "Missing argument"),
    ],
)
def test_wrong_input(world: Sfa, argv: tuple[str, ...], code: int, says: str) -> None:
    put(world, mail(1))
    (world.folder / "a.csv").write_text("a,b\n")
    failed = world("capture", "mail", *argv)
    assert (failed.code, says in failed.err) == (code, True), failed.err


def test_erased_people_do_not_come_back(world: Sfa) -> None:
    world.ok("erase", "Wei Zhang", "--yes")
    name = put(world, mail(1))
    assert world.ok("capture", "mail", name, "--unknown", "--json").json == []


def test_one_timeline_of_an_account(world: Sfa) -> None:
    world.ok("capture", "mail", put(world, mail(1), mail(2, "anna@house.example", "wei@harbor.example", subject="Re: Quote")))
    world.ok("log", "C-1", "call", "Spoke with Wei", "--when", "2026-11-21 10:00")
    world.ok("log", "O-1", "visit", "Demo", "--when", "2026-11-19 10:00")
    shown = world.ok("account", "show", "Blue Harbor", "--format", "table").out
    timeline = shown.partition("timeline\n")[2].splitlines()[2:]
    assert [line.split()[3:5] for line in timeline] == [["call", "Anna"], ["email", "out"], ["email", "in"], ["visit", "Anna"]]
    listed = world.ok("activity", "list", "--account", "blue", "--json").json
    assert [r["kind"] for r in listed] == ["call", "email", "email", "visit"]
    assert len(world.ok("activity", "list", "-account:blue", "--json").json) == 0
    assert len(world.ok("activity", "list", "direction:out", "--json").json) == 1


def test_many_messages_at_once(world: Sfa, tmp_path: Path) -> None:
    """More than a load does with its guards in place: the same as a few, history and search included."""
    parts = [mail(i % 60).replace(f"<{i % 60}@", f"<n{i}@") for i in range(6_100)]
    made = world.ok("capture", "mail", put(world, *parts), "--json").json
    assert made["new"] == 6_100
    assert world.ok("db", "check").code == 0
    assert len(world.ok("search", "quote", "--json", "--limit", "10").json) == 10
    world.ok("undo", "--yes")
    assert logged(world) == []
    assert world.ok("db", "check").code == 0
