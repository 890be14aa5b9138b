"""The messages of the program and their catalogues: what is said in the code, what the languages' .po files have, their .mo files.

    python tests/catalogue.py           what is not translated, or no longer said, or not compiled; 1 where there is any
    python tests/catalogue.py --write   bring the .po files up to date (new messages blank, unsaid ones dropped) and compile them

A message is the template of `say(…)`, a sentence that stands alone, the help of an option, a command's docstring (context help), the
heading of a column (column) and the name of a kind of record (noun).
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CODE = ROOT / "sfa"
FOLDER = CODE / "languages"
NO_MESSAGES = (
    "sales/profiles/",
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
    r"[.:;]\s|\b(is|are|takes|has|needs|names|shows|says|finds|lists|tells|does|means|or|only|gives|makes|writes|goes|again|once|exclude)\b"
)
LIBRARY = ("Arguments", "Options", "Commands", "required", "default: {default}", "Missing command.", "More")
"""What the library of commands looks up itself, and headings that are single words."""

Message = tuple[str, str]
"""(context, text)."""


def messages() -> dict[Message, list[str]]:
    """Every message, and the files that say it."""
    found: dict[Message, list[str]] = {("", text): ["cli.py"] for text in LIBRARY}
    for path in sorted(CODE.rglob("*.py")):
        name = path.relative_to(CODE).as_posix()
        if not name.startswith(NO_MESSAGES):
            for message in _of(ast.parse(path.read_text(encoding="utf-8")), name):
                where = found.setdefault(message, [])
                if name not in where and re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", message[1])):
                    where.append(name)
    return {message: where for message, where in found.items() if where}


def _of(tree: ast.Module, name: str) -> Iterator[Message]:
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
        if isinstance(node, ast.FunctionDef) and (name.startswith("commands/") or name == "cli.py") and _is_command(node):
            yield "help", ast.get_docstring(node) or ""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in taken
            and node in parents
            and _sentence(node.value)
        ):
            yield "", node.value


def _of_call(node: ast.Call, taken: set[ast.AST]) -> Iterator[Message]:
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    texts = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in node.args]
    if function == "say" and texts and texts[0]:
        taken.add(node.args[0])
        yield "", texts[0]
    for keyword in node.keywords:
        if keyword.arg in ("help", "label") and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            taken.add(keyword.value)
            yield "" if keyword.arg == "help" else "column", keyword.value.value
    if function == "Figure" and texts and texts[0]:
        yield "column", (texts[2] if len(texts) > 2 and texts[2] else texts[0].replace("_", " "))
    if function in ("column", "Field") and texts and texts[0]:
        yield "column", texts[0].replace("_", " ")
    if function == "Setting" and texts and texts[-1]:
        taken.add(node.args[-1])
        yield "", texts[-1]
    if function == "_kind" and len(texts) > 2 and texts[2]:
        yield "noun", texts[2]
        yield "noun", (texts[4] if len(texts) > 4 and texts[4] else texts[2] + "s")


def _is_command(node: ast.FunctionDef) -> bool:
    annotations = [ast.dump(a.annotation) for a in (*node.args.args, *node.args.kwonlyargs) if a.annotation]
    return "Example" in (ast.get_docstring(node) or "") or any("typer" in a or "Option" in a for a in annotations)


def _sentence(text: str) -> bool:
    """Whether a text that stands alone is said to people: words with blanks, neither SQL nor only something to type."""
    if SQL.search(text) or "\x1b" in text or "\\" in text or text.startswith(("<", "http", "#", ".", "/", "*", "^", "(?", "%", "-- ")):
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
        for (context, text), where in sorted(said.items(), key=lambda m: (m[1][0], m[0])):
            known = old.get(text, context or None)
            new.add(text, known.string if known else "", locations=[(where[0], 0)], context=context or None)
            if not (known and known.string):
                problems.append(f"{language}: {where[0]}: not translated: {text!r}")
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
