"""The messages of the program and their catalogues: what is said in the code, what the languages' .po files have, their .mo files.

    python tests/catalogue.py           what is not translated, or no longer said, or not compiled; 1 where there is any
    python tests/catalogue.py --write   bring the .po files up to date (new messages blank, unsaid ones dropped) and compile them

A message is the template of `say(…)`, a sentence handed to an error or to output, the help of an option, a command's docstring (context
help), the heading of a column (column) and the name of a kind of record (noun). Other sentences that stand somewhere in the code may be
messages or not (words of other products, things to type): those that a catalogue has are kept in it as long as the code has them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sfa.messages import UNITS

ROOT = Path(__file__).parent.parent
CODE = ROOT / "sfa"
FOLDER = CODE / "languages"
NO_MESSAGES = (
    "sales/profiles/salesforce.py",
    "sales/profiles/hubspot.py",
    "sales/profiles/pipedrive.py",
    "sales/profiles/zoho.py",
    "sales/profiles/dynamics.py",
    "sales/profiles/odoo.py",
    "sales/profiles/suitecrm.py",
    "sales/profiles/addressbooks.py",
    "sales/profiles/eastasia.py",
    "sales/profiles/europe.py",
    "sales/profiles/common.py",
    "store/migrations.py",
    "store/schema.py",
    "store/views.py",
    "sales/names.py",
    "sales/naming.py",
    "sales/countries.py",
    "reading/letters.py",
    "sales/guesses.py",
    "sales/recipes.py",
    "sales/shapes.py",
    "messages.py",
    "languages/",
)
"""Files whose sentences are other products' words, SQL, or names."""
SQL = re.compile(
    r"\b(SELECT|WHERE|INSERT|JOIN|CREATE|FROM|UPDATE|DELETE FROM|ORDER BY|GROUP BY|CASE WHEN|PRAGMA|COALESCE|IS NULL|IS NOT|IN \(|UNION"
    r"|VALUES|REFERENCES|ALTER|DROP|LIMIT)\b|json_each|\bAND \w+\.|coalesce\(|sum\(|=\?"
)
TYPED = re.compile(r"^(sfa|--)\b")
SAID_OF_TYPED = re.compile(
    r"[.:;]\s|\b(is|are|takes|has|needs|names|shows|says|finds|lists|tells|does|means|or|only|gives|makes|writes|goes|deletes|opens|prints|takes|would|still|again|once|exclude)\b"
)
NEVER = ("<", "http", "#", ".", "/", "^", "(?", "%", "-- ")
"""What markup, addresses, patterns and comments of SQL begin with."""
LIBRARY = (
    "Usage: ",
    "Arguments",
    "Options",
    "Commands",
    "required",
    "default: {default}",
    "Missing command.",
    "Show this message and exit.",
)
LIBRARY += ("Selling", "Managing", "Data", "More", "Stages", "required")
LIBRARY += ("close date", "next step", "{day:%A} {day.day} {day:%B} {day.year}{holiday}", "{day:%B} {day.year}", "{many:,} {what}")
"""What the library of commands looks up itself, headings that are single words, and messages without words whose order is a language's."""
WORDS = {
    "day": (
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat Sun January February March April May "
        "June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec"
    ),
    "": (
        "Added Changed Moved Saved Merged Converted Reopened Deleted Working Qualified Disqualified new updated unchanged skipped "
        "rejected certain likely guess timeline pushed stalled silent hurried amount contact competitor Forecast Win/loss Pace "
        "Calls Changes Trend Coverage Velocity Funnel Slippage Activity Pipeline Cadence won lost amended reopened working "
        "qualified disqualified converted record records none today late risk watch good deleted cancelled declined"
    ),
    "column": (
        "rep team region manager family month quarter week day leg deal stage source industry country currency type account "
        "competitor reason pipeline category outcome product contact cadence channel help operation detail"
    ),
}
"""Words that fill a place in a message, by context."""

SAYS = re.compile(r"(Error|BadValue|NotFound|Refused|Ambiguous|Declined|RejectedRows|BadParameter)$")
SPEAKS = ("message", "warning", "line", "paragraph", "changed", "confirm", "ask", "spoken")
"""What is called with texts for people: errors, and what output.py has."""

Message = tuple[str, str]
"""(context, text)."""


EVIDENCE = ("e-mail", "domain", "address", "company (similar)", "name (similar)", "name (nickname)", "name (initial)", "name (other order)")
EVIDENCE += ("e-mail (similar)", "role e-mail", "other e-mail", "other country", "other domain", "external id")
"""How two records agree or not, as `sales/matching.py` says it."""


class Said(NamedTuple):
    """Where a message is said, and whether it is certain to be one."""

    files: list[str]
    certain: set[bool]


def messages() -> dict[Message, Said]:
    """Every message that there may be."""
    found = {("", text): Said(["cli.py"], {True}) for text in LIBRARY}
    found |= {(context, word): Said(["cli.py"], {True}) for context, words in WORDS.items() for word in words.split()}
    found |= {("list", between): Said(["messages.py"], {True}) for between in (", ", "; ", " and ", " or ", ": ")}
    found |= {("column", evidence): Said(["sales/matching.py"], {True}) for evidence in EVIDENCE}
    found["number", UNITS] = Said(["messages.py"], {True})
    for path in sorted(CODE.rglob("*.py")):
        name = path.relative_to(CODE).as_posix()
        if not name.startswith(NO_MESSAGES):
            for context, text, certain in _of(ast.parse(path.read_text(encoding="utf-8")), name):
                if re.search(r"[A-Za-z]{2}|[.,;:()]", re.sub(r"\{[^}]*\}", "", text)):
                    said = found.setdefault((context, text), Said([], set()))
                    said.certain.add(certain)
                    if name not in said.files:
                        said.files.append(name)
    return found


def _of(tree: ast.Module, name: str) -> Iterator[tuple[str, str, bool]]:
    taken: set[ast.AST] = set()
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            taken.update(n for n in ast.walk(node) if isinstance(n, ast.Constant))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            taken.add(node.value)
        elif isinstance(node, ast.Dict):
            taken.update(k for k in node.keys if k is not None)
        elif isinstance(node, ast.Call):
            yield from _of_call(node, taken)
        of_commands = isinstance(node, ast.FunctionDef) and (name.startswith("commands/") or name == "cli.py") and _is_command(node)
        if of_commands and (doc := ast.get_docstring(node)) and "Raise" not in doc:
            yield "help", doc, True
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in taken and _sentence(node.value):
            yield "", node.value, _handed_over(node, parents)


def _handed_over(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a text is an argument of an error or of output, alone or in a choice of two."""
    above = parents.get(node)
    while isinstance(above, ast.IfExp):
        above = parents.get(above)
    if not isinstance(above, ast.Call):
        return False
    function = above.func.attr if isinstance(above.func, ast.Attribute) else getattr(above.func, "id", "")
    return bool(SAYS.search(function)) or function in SPEAKS


def _of_call(node: ast.Call, taken: set[ast.AST]) -> Iterator[tuple[str, str, bool]]:
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    texts = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in node.args]
    if function == "say" and texts and texts[0]:
        taken.add(node.args[0])
        yield "", texts[0], True
    for keyword in node.keywords:
        if keyword.arg in ("help", "label") and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            taken.add(keyword.value)
            yield "" if keyword.arg == "help" else "column", keyword.value.value, True
    if function == "Figure" and texts and texts[0]:
        yield "column", (texts[2] if len(texts) > 2 and texts[2] else texts[0].replace("_", " ")), True
    if function in ("column", "Field") and texts and texts[0]:
        label = texts[2] if function == "Field" and len(texts) > 2 else None
        yield "column", label or texts[0].replace("_", " "), True
    if function == "Setting" and texts and texts[-1]:
        taken.add(node.args[-1])
        yield "", texts[-1], True
    if function in ("_kind", "kind") and len(texts) > 2 and texts[2]:
        yield "noun", texts[2], True
        named = next((k.value.value for k in node.keywords if k.arg == "plural" and isinstance(k.value, ast.Constant)), None)
        plural = named or (texts[4] if len(texts) > 4 else None) or texts[2] + "s"
        yield "noun", str(plural), True
        word = (texts[0] or "").replace("_", " ")
        yield "noun", word, True
        yield "noun", word[:-1] + "ies" if word.endswith("y") else word + "s", True


def _is_command(node: ast.FunctionDef) -> bool:
    annotations = [ast.dump(a.annotation) for a in (*node.args.args, *node.args.kwonlyargs) if a.annotation]
    return "Example" in (ast.get_docstring(node) or "") or any("typer" in a or "Option" in a for a in annotations)


def _sentence(text: str) -> bool:
    """Whether a text that stands alone is said to people: words with blanks, neither SQL nor only something to type."""
    if SQL.search(text) or any(part in text for part in ("\x1b", "\\", "(?P<")) or text.startswith(NEVER):
        return False
    if TYPED.match(text) and not SAID_OF_TYPED.search(text):
        return False
    return " " in text.strip() and bool(re.search(r"[A-Za-z]{2,}\W+\w*[A-Za-z]", text))


def main(write: bool) -> int:
    """Check the catalogues, or bring them up to date."""
    from babel.messages import mofile, pofile
    from babel.messages.catalog import Catalog

    said, problems = messages(), []
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/sfa.po")):
        language = path.parent.parent.name
        old = pofile.read_po(io.BytesIO(path.read_bytes()), locale=language)
        new = Catalog(language, project="sfa", version="", copyright_holder="", msgid_bugs_address="", fuzzy=False, charset="utf-8")
        new.header_comment, new.creation_date, new.revision_date = f"# What sfa says, in {language}.", old.creation_date, old.revision_date
        for (context, text), where in sorted(said.items(), key=lambda m: (m[1].files[0], m[0])):
            known = old.get(text, context or None)
            if True not in where.certain and not (known and known.string):
                continue
            new.add(text, known.string if known else "", locations=[(where.files[0], 0)], context=context or None)
            if not (known and known.string):
                problems.append(f"{language}: {where.files[0]}: not translated: {text!r}")
        problems += [f"{language}: no longer said: {m.id!r}" for m in old if m.id and (m.context or "", m.id) not in said]
        text, compiled = io.BytesIO(), io.BytesIO()
        pofile.write_po(text, new, width=0, include_lineno=False)
        mofile.write_mo(compiled, new)
        binary = path.with_suffix(".mo")
        if write:
            path.write_bytes(text.getvalue())
            binary.write_bytes(compiled.getvalue())
        elif not binary.exists() or binary.read_bytes() != compiled.getvalue():
            problems.append(f"{binary.name} of {language} is not what its .po says: make languages")
    sys.stdout.write("".join(f"{p}\n" for p in problems) + f"{len(said)} messages, {len(problems)} to be looked at\n")
    return 1 if problems and not write else 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv))
