"""Bring `locale/` in step with the code: `python -m tools.messages`.

Every message of the code gets an entry in each catalogue, what the code no longer says loses it, and what is left to
translate is told. Entries are sorted and carry no line numbers, so that changes of several people seldom meet.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import django
import polib

ROOT = Path(__file__).resolve().parent.parent
CODE = ("api", "botv2", "dashboard", "realtime")
TEMPLATES = ROOT / "templates"
#: Function -> the places of context, singular and plural among its arguments.
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy"), (None, 0, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (None, 0, 1)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (0, 1, 2)),
    "Counted": (2, 0, 1),
}
METADATA = {
    "Language": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "",
}
PLURALS = {"fr": "nplurals=2; plural=(n > 1);"}
USUAL_PLURALS = "nplurals=2; plural=(n != 1);"


class Message(NamedTuple):
    context: str | None
    text: str
    plural: str | None = None


def messages() -> set[Message]:
    """All that the pages may say, once each. A text with a plural is also the message without one."""
    found = {message for folder in CODE for path in (ROOT / folder).rglob("*.py") for message in of_code(path)}
    found |= {message for path in TEMPLATES.rglob("*.html") for message in of_template(path)}
    plurals = {(message.context, message.text) for message in found if message.plural}
    return {message for message in found if message.plural or (message.context, message.text) not in plurals}


def of_code(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            assert {each.asname for each in node.names} <= {None, "_"}, f"{path}: no messages are found by other names"
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in CALLS:
            continue
        texts = [
            each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else None for each in node.args
        ]
        context, text, plural = (
            texts[place] if place is not None and place < len(texts) else None for place in CALLS[name]
        )
        if text is not None:
            yield Message(context, text, plural)


def of_template(path: Path) -> Iterator[Message]:
    from django.template import engines
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode

    template = engines["django"].engine.from_string(path.read_text())  # type: ignore[attr-defined]
    for node in every_node(template.nodelist):
        if isinstance(node, TranslateNode):
            text = str(node.filter_expression.var.literal)
            yield Message(constant(node.message_context), text.replace("%", "%%"))  # as Django looks it up
        elif isinstance(node, BlockTranslateNode):
            singular, plural = (node.render_token_list(tokens)[0] for tokens in (node.singular, node.plural or []))
            if node.trimmed:
                singular, plural = (" ".join(text.split()) for text in (singular, plural))
            yield Message(constant(node.message_context), singular, plural or None)


def constant(expression: Any) -> str | None:
    return None if expression is None else str(expression.var)


def every_node(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        yield node
        for name in getattr(node, "child_nodelists", ()):
            yield from every_node(getattr(node, name, None) or ())


def known(path: Path) -> list[polib.POEntry]:
    """What is translated; in the middle of a merge what both sides have, with ours after theirs."""
    if "<<<<<<<" not in path.read_text():
        return list(polib.pofile(str(path)))
    sides = [
        subprocess.run(["git", "show", f":{stage}:{path.relative_to(ROOT)}"], cwd=ROOT, capture_output=True, check=True)
        for stage in (2, 3)
    ]
    return [entry for side in sides for entry in polib.pofile(side.stdout.decode())]


def merged(language: str, entries: list[polib.POEntry], wanted: set[Message]) -> polib.POFile:
    """A catalogue of the wanted messages with the translations that are known."""
    kept: dict[tuple[str | None, str], polib.POEntry]
    kept = {(entry.msgctxt, entry.msgid): entry for entry in entries if not entry.obsolete}
    found = polib.POFile(wrapwidth=120)
    found.metadata = METADATA | {"Language": language, "Plural-Forms": PLURALS.get(language, USUAL_PLURALS)}
    for message in sorted(wanted, key=lambda each: (each.text, each.context or "")):
        entry = polib.POEntry(msgid=message.text, msgctxt=message.context)
        old = kept.get((message.context, message.text))
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = (old.msgstr_plural if old else None) or {0: "", 1: ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        if old:
            entry.tcomment = old.tcomment
        found.append(entry)
    return found


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from botv2.catalogues import sources

    wanted, left = messages(), 0
    for language, path in sources().items():
        catalogue = merged(language, known(path), wanted)
        catalogue.save(str(path))
        missing = catalogue.untranslated_entries()
        left += len(missing)
        for entry in missing:
            print(f"{language}: {entry.msgid!r} has no translation in {path.relative_to(ROOT)}")
    print(f"{len(wanted)} messages, {left} translations are missing.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
