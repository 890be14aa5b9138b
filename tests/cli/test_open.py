"""`sfa open`: the right address, handed to the right program as one word, and never anything but an address."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs here are scripts")


@pytest.fixture
def world(sfa, monkeypatch):
    sfa.ok("account", "add", "Blue Harbor", "website=www.blue.example", "phone=+353 1 555 0100")
    sfa.ok("contact", "add", "Wei Zhang", "account=Blue Harbor", "email=wei@blue.example", "phone=+4930901820", "mobile=+4917012345678")
    sfa.ok("opp", "add", "Cranes", "account=Blue Harbor", "contact=Wei Zhang")
    monkeypatch.delenv("BROWSER", raising=False)
    return sfa


def program(sfa, name: str, code: int = 0) -> Path:
    """A program that writes down what it is called with."""
    folder = sfa.folder / "bin"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word" >> {sfa.folder}/called-{name}; done\nexit {code}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("words", "address"),
    [
        (("blue",), "https://www.blue.example"),
        (("A-1", "--phone"), "tel:+35315550100"),
        (("wei",), "mailto:wei@blue.example"),
        (("wei", "--phone"), "tel:+4917012345678"),
        (("C-1", "--web"), "https://www.blue.example"),
        (("O-1",), "https://www.blue.example"),
        (("O-1", "--mail"), "mailto:wei@blue.example"),
    ],
)
def test_which_address(world, words: tuple[str, ...], address: str) -> None:
    assert world.ok("open", *words, "--print") == (0, address + "\n", "")


def test_what_was_logged_last(world) -> None:
    world.ok("log", "Cranes", "call", "spoke with @wei")
    world.ok("task", "add", "call", "--opp", "Cranes")
    assert world.ok("open", "AC-1", "--print").out == "mailto:wei@blue.example\n"
    assert world.ok("open", "K-1", "--print", "--web").out == "https://www.blue.example\n"
    assert world.ok("open", "-", "--print").code == 0


def test_what_a_person_does_not_want(world) -> None:
    world.ok("contact", "edit", "wei", "opt_out_email=yes")
    passed = world.ok("open", "wei", "--print")
    assert passed.out == "tel:+4917012345678\n" and passed.err == "Warning: Wei Zhang wants no e-mail\n"
    asked = world.ok("open", "wei", "--mail", "--print")
    assert asked.out == "mailto:wei@blue.example\n" and "wants no e-mail" in asked.err


def test_errors(world) -> None:
    world.ok("account", "add", "Bare")
    assert world("open", "Bare").code == 3 and "has no web page or e-mail address or phone number" in world("open", "Bare").err
    assert world("open", "nobody").code == 3
    assert world("open", "wei", "--web", "--mail").code == 2
    for website in ("javascript:alert(1)", "file:///etc/passwd", "--help", "https://a.example@b.example"):
        world.ok("account", "edit", "Bare", f"website={website}")
        failed = world("open", "Bare", "--print")
        assert (failed.code, failed.out) == (4, ""), website


def test_the_browser_gets_web_pages_and_the_system_all_else(world, monkeypatch) -> None:
    browser, _ = program(world, "browser"), program(world, "xdg-open")
    program(world, "open")
    monkeypatch.setenv("PATH", f"{browser.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("BROWSER", f"/nowhere/at-all{os.pathsep}browser --new %s{os.pathsep}xdg-open")
    world.ok("account", "edit", "blue", "website=https://blue.example/?a=$(id);b")
    said = world.ok("open", "blue")
    assert (world.folder / "called-browser").read_text() == "--new\nhttps://blue.example/?a=$(id);b\n"
    assert "Opened https://blue.example" in said.err and "A-1 Blue Harbor" in said.err
    world.ok("open", "wei")
    world.ok("open", "wei", "--phone")
    called = next(p for p in (world.folder / "called-xdg-open", world.folder / "called-open") if p.exists())
    assert called.read_text() == "mailto:wei@blue.example\ntel:+4917012345678\n"
    monkeypatch.delenv("BROWSER")
    world.ok("open", "blue")
    assert called.read_text().endswith("https://blue.example/?a=$(id);b\n")


def test_a_system_that_opens_nothing(world, monkeypatch) -> None:
    path = program(world, "xdg-open", code=4)
    program(world, "open", code=4)
    monkeypatch.setenv("PATH", str(path.parent))
    failed = world("open", "wei")
    assert failed.code == 1 and "could not open mailto:wei@blue.example (exit code 4)" in failed.err
    monkeypatch.setenv("PATH", str(world.folder / "nothing"))
    failed = world("open", "wei")
    assert failed.code == 3 and "nothing here opens mailto:wei@blue.example" in failed.err and "--print" in failed.err
