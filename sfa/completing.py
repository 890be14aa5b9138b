"""What a shell's completion is answered: commands, options, values, and the company's own records by reference and by name.

Every press of Tab is a process, so this imports hardly anything: what the commands are was written down once (`grammar.py`) and is read
from the cache. Nothing here ever fails loudly.
"""

import marshal
import os
import sys

from sfa import __version__, places

CALLED = ("user", "stage", "pipeline", "reason")
"""Kinds whose records are offered by name where nothing is typed yet."""


def main(words: "list[str]") -> None:
    """Print what may stand at the cursor, a line each: what is inserted, a tab, what it is. Ends the process."""
    try:
        shell, *rest = words
        typed = split(rest[0])[0][1:] if shell == "bash" else os.environ["SFA_COMPLETE"].split("\n") if shell == "powershell" else rest
        out = candidates(typed[:-1], typed[-1])
        sys.stdout.buffer.write(_printed(shell, typed[-1], out).encode("utf-8", "replace"))
        sys.stdout.flush()
    except Exception:
        if os.environ.get("SFA_DEBUG"):
            raise
    os._exit(0)


def split(line: str) -> "tuple[list[str], int]":
    """The words of a command line, the last one as far as it is typed, and where that begins; a quote may still be open."""
    words, word, quote, escaped, start = [], "", "", False, -1
    for at, c in enumerate(line):
        if c.isspace() and not quote and not escaped:
            if start >= 0:
                words.append(word)
            word, start = "", -1
            continue
        start = at if start < 0 else start
        if escaped:
            word, escaped = word + c, False
        elif c == "\\" and quote != "'":
            escaped = True
        elif quote:
            word, quote = (word, "") if c == quote else (word + c, quote)
        elif c in "'\"":
            quote = c
        else:
            word += c
    return [*words, word], start if start >= 0 else len(line)


def _printed(shell: str, typed: str, found: "list[tuple[str, str]]") -> str:
    """The lines as the shell's script takes them: bash replaces only what stands behind the last = or : of a word."""
    cut = max(typed.rfind(c) for c in "=:") + 1 if shell == "bash" else 0
    lines = []
    for value, help in found:
        value, help = value[cut:], " ".join(help.split())
        if "\n" not in value and "\t" not in value:
            lines.append(f"{value}\t{help}" if help else value)
    return "\n".join(lines) + "\n" if lines else ""


# What may stand there ---------------------------------------------------------------------------------------------------------------


def candidates(before: "list[str]", now: str, db: str = "", grammar: "dict | None" = None) -> "list[tuple[str, str]]":  # type: ignore[type-arg]
    """(what may stand there, what it is) for the word `now` behind the words `before`. `db` is the database where the words name none;
    `grammar` what the commands are, if that was read before."""
    environment = dict(os.environ)
    configured, aliases = _configured(places.config(environment))
    grammar = grammar or read_grammar()
    node, words, named, wanted, path, at = _walked(grammar, before, aliases)
    if node is None:
        return []
    about = _About(grammar, node, named or db or environment.get("SFA_DB") or configured or places.database(environment), aliases)
    return [(value, help) for value, help in _next(about, words, wanted, path, at, now) if value]


def _walked(grammar: "dict", before: "list[str]", aliases: "dict[str, str]") -> "tuple":  # type: ignore[type-arg]
    """(the command that the words come to or None, its words, the database named, the option whose value comes next, the path of names, how
    many words stand behind it)."""
    node, at, db, words, known = grammar, 0, "", list(before), dict(aliases)
    path: list[str] = []
    wanted: str | None = None
    while words:
        word = words.pop(0)
        if "usual" in node and wanted is None and word not in node["commands"]:
            node = node["commands"][node["usual"]]
        if wanted is not None:
            db, wanted = (word if wanted == "--db" else db), None
        elif word[:1] == "-" and word != "-":
            name = word.partition("=")[0]
            wanted = name if "=" not in word and _takes(node, name) else None
        elif "commands" in node:
            inner = node["commands"].get({"ls": "list", "rm": "delete"}.get(word, word))
            # A verb that only this company has takes what every stage's verb takes.
            inner = inner or (node["commands"].get("negotiate") if path == ["opp"] else None)
            if inner is None and not path and word in known:
                words = split(known.pop(word))[0] + words
                continue
            if inner is None:
                return None, [], "", None, path, 0
            node, at = inner, 0
            path.append(word)
        else:
            at += 1
    return node, node["words"], db, wanted, path, at


def _next(about: "_About", words: "list", wanted: "str | None", path: "list[str]", at: int, now: str) -> "list[tuple[str, str]]":  # type: ignore[type-arg]
    node = about.node
    if wanted is not None:
        return about.values(node["options"][wanted][0], node["options"][wanted][1], now)
    if "usual" in node and now:
        usual = node["commands"][node["usual"]]
        about.node, words = usual, usual["words"]
        if now[:1] == "-":
            return _next(about, words, None, path, 0, now)
    if now[:1] == "-" and now != "-" and now[:2] != "-@":
        name, sign, value = now.partition("=")
        if sign:
            of = node["options"].get(name, ["text", ""])
            return [(f"{name}={v}", h) for v, h in about.values(of[0], of[1], value)]
        return [(n, o[2] if len(o) > 2 else "") for n, o in node["options"].items() if n.startswith(now) and n[:2] == "--"]
    if "commands" in node:
        known = {n: inner["help"] for n, inner in node["commands"].items()}
        if path == ["opp"]:
            known |= {verb: f"Move an opportunity to {stage}" for verb, stage in about.verbs()}
        elif not path:
            known |= {n: text for n, text in about.aliases.items() if n not in known}
        found = [(n, h) for n, h in known.items() if n.startswith(now)]
        return found + (_next(about, words, None, path, 0, now) if about.node is not node else [])
    if not words:
        return []
    kind, more, _ = words[min(at, len(words) - 1)]
    if at >= len(words) and not words[-1][2]:
        return []
    return about.values(kind, more, now)


def _takes(node: "dict", name: str) -> bool:  # type: ignore[type-arg]
    """Whether an option takes the word behind it."""
    return bool(node["options"].get(name, ["flag"])[0] != "flag")


class _About:
    """The command at hand, and the database that its records are in."""

    def __init__(self, grammar: "dict", node: "dict", db: str, aliases: "dict[str, str]") -> None:  # type: ignore[type-arg]
        self.grammar, self.node, self.db, self.aliases = grammar, node, db, aliases

    def values(self, type: str, more: "object", now: str) -> "list[tuple[str, str]]":
        """What a value of this type may be that begins like `now`."""
        if type == "choice":
            return [(c, "") for c in more if c.startswith(now)]  # type: ignore[attr-defined]
        if type == "record":
            return self.records(list(more), now)  # type: ignore[call-overload]
        if type == "stage":
            return [(v, s) for v, s in self.verbs() if v.startswith(now)] + self.records(["stage"], now)
        if type == "field":
            return self.filters(now) if now.lstrip("-!")[:1] == "@" else self.fields(bool(more), now)
        if type == "alias":
            return [(n, text) for n, text in self.aliases.items() if n.startswith(now)]
        if type == "filter":
            return [(name.lstrip("@"), text) for name, text in self.filters("@" + now, any_kind=True)]
        return []

    def filters(self, now: str, any_kind: bool = False) -> "list[tuple[str, str]]":
        """The saved filters of the command's kind whose name begins like `now`, which begins with @ or -@."""
        if not os.path.exists(self.db):
            return []
        from sfa.store import completing

        sign, _, begun = now.partition("@")
        return [(f"{sign}@{n}", t) for n, t in completing.filters(self.db, "" if any_kind else self.node["kind"] or "opportunity", begun)]

    def records(self, kinds: "list[str]", now: str) -> "list[tuple[str, str]]":
        """References with their names, or names with their references: people and stages are rather called by name."""
        if not os.path.exists(self.db):
            return []
        from sfa.store import completing

        found = completing.records(self.db, [(k, self.grammar["kinds"][k][0]) for k in kinds], now.lstrip("'\""))
        return [(name, ref) for ref, name in found] if not now and len(kinds) == 1 and kinds[0] in CALLED else found

    def verbs(self) -> "list[tuple[str, str]]":
        if not os.path.exists(self.db):
            return []
        from sfa.store import completing

        return completing.verbs(self.db)

    def fields(self, records: bool, now: str) -> "list[tuple[str, str]]":
        """Fields with = (or : in a filter), the values of one that is typed out, and records where one is named first."""
        known = self.grammar["kinds"].get(self.node["kind"] or "opportunity", ["", []])[1]
        for sign in ("=", ":"):
            name, found, value = now.partition(sign)
            if found:
                of = next((f for f in known if f[0] == name.rstrip("+-")), None)
                return [(f"{name}{sign}{v}", h) for v, h in self.values(of[1], of[2], value)] if of else []
        out = self.records([self.node["kind"]], now) if records and self.node["kind"] else []
        end = ":" if self.node["words"] and not records and not self._writes() else "="
        return out + [(f"{f[0]}{end}", "") for f in known if now and f[0].startswith(now)]

    def _writes(self) -> bool:
        return any(o[0] == "flag" and name == "--yes" for name, o in self.node["options"].items())


# Where things are -------------------------------------------------------------------------------------------------------------------


def _configured(path: str) -> "tuple[str, dict[str, str]]":
    """The database that the config file names, and the aliases in it; it is read without a reader of TOML, which takes longer than all else
    here."""
    db, table, aliases = "", "", {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, sign, value = line.partition("=")
                name, value = name.strip().strip('"'), value.strip()
                if name[:1] == "[":
                    table = name.strip("[]").strip() + "."
                elif sign and table + name == "db":
                    db = _text(value)
                elif sign and (table + name).startswith("alias."):
                    aliases[(table + name)[6:].strip('"')] = _text(value)
    return db, aliases


def _text(value: str) -> str:
    """A string as TOML writes it on one line."""
    if value[:1] == "'":
        return value[1:].partition("'")[0]
    out, escaped = "", False
    for c in value[1:] if value[:1] == '"' else value:
        if escaped:
            out, escaped = out + c, False
        elif c == "\\":
            escaped = True
        elif c == '"':
            break
        else:
            out += c
    return out


def read_grammar() -> "dict":  # type: ignore[type-arg]
    """What the commands are: from the cache, or made and kept there where it is not of this very program."""
    here = os.path.dirname(os.path.abspath(__file__))
    stamps = [os.stat(os.path.join(here, *p)).st_mtime_ns for p in (("commands",), ("cli.py",), ("sales", "kinds.py"), ("completing.py",))]
    key = repr((__version__, sys.version_info[:3], here, stamps))
    path = os.path.join(places.cache(dict(os.environ)), "completion.bin")
    try:
        with open(path, "rb") as file:
            found = marshal.load(file)
        if found[0] == key:
            return found[1]  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError, TypeError, IndexError, KeyError):
        pass
    from sfa.commands.grammar import tree

    made = tree()
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            marshal.dump((key, made), file)
        os.replace(f"{path}.{os.getpid()}", path)
    except OSError:
        pass
    return made
