"""Minified scripts and styles are to the browser what the sources are."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from botv2.env import ROOT
from dashboard.assets.minify import script, style

# Each makes a `result`. Minifiers that work by patterns break most of them, some without an error.
CASES = {
    "nested template": "const p = 'x'; export const result = `<a href=\"${p ? `https://h/${p}` : ''}\">`;",
    "spaces in a nested template": "export const result = `a  ${`b  /* c */  d`}  e`;",
    "regular expression after an arrow": "const f = s => /https?:\\/\\//.test(s); export const result = f('http://x');",
    "spaces in a regular expression": "const f = (s) => /x  y/.test(s); export const result = [f('x  y'), f('x y')];",
    "regular expression after yield": "function* g() { yield /a  b/; } export const result = [...g()][0].source;",
    "optional": "const o = { a: null }; o.a ??= 3; export const result = [o?.a, o.b?.c.d, o.b ?? 1, 0 || 2];",
    "private": "class A { #x = 1; static #n = 2; static { A.m = A.#n + 1; } has(o) { return #x in o; } }"
    "const a = new A();"
    "export const result = [a.has(a), a.has({}), A.m];",
    "no semicolons": "let a = 1\nlet b = a\n++b\nconst c = [a, b]\n;[a, b] = [b, a]\nexport const result = [a, b, c]",
    "return alone": "function f() { return\n 1 } export const result = String(f());",
    "tag": "const t = (s, ...v) => s.raw.join('|') + v; export const result = t`a\\n${1}  b${2}`;",
    "await at the top": "const v = await Promise.resolve(4); export const result = v;",
    "async arrow with defaults": "const f = async ({ a = 1, b: c = 2 } = {}) => a + c; "
    "export const result = await f();",
    "longer than before": "const f=({a=1}={})=>a;export const result=f();",
    "closing": "export const result = '</' + 'script>' + '<!--';",
    "numbers": "export const result = [1_000, 0x10, 1e21, .5, 0b11, 10n ** 20n + '', 0.1 + 0.2, 1e3.toFixed(1)];",
    "shadowed names": "const e = 1; const f = (a) => { const t = 2; return ((n) => n + a + t + e)(3); }; "
    "export const result = f(4);",
    "labels": "let n = 0; "
    "a: for (const x of [1, 2, 3]) { for (const y of [1, 2]) { if (y === 2) continue a; n += x; } }"
    "export const result = n;",
    "comma and in": "let s = ''; for (const k in { a: 1, b: 2 }) s += k, s += ','; export const result = s;",
    "getters": "const o = { get a() { return 1; }, set a(v) {}, async *b() { yield 1; },"
    "['c' + 1]: 2, get: 3, async: 4 };"
    "export const result = [Object.keys(o), o.a, o.get, o.async];",
    "typeof of what is not": "export const result = typeof nothing === 'undefined' && typeof globalThis;",
    "order of evaluation": "const l = []; const f = (x) => (l.push(x), x); f(1) ? f(2) : f(3); f(0) || f(4);"
    "export const result = l;",
    "switch": "const f = (x) => { switch (x) { case 1: case 2: { const y = x * 2; return y; } default: return 0; } };"
    "export const result = [1, 2, 3].map(f);",
    "catch": "let r; try { throw new Error('x'); } catch ({ message }) { r = message; } finally { r += '!'; }"
    "export const result = r;",
    "directional marks": "export const result = ['\\u2212', '−', '\\u202f', '…'].map((c) => c.codePointAt(0));",
    "if without braces": "let r = 0; if (true) if (false) r = 1; else r = 2; export const result = r;",
}


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


RUN = """async (text) => {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return JSON.stringify((await import(url)).result);
}"""


@pytest.mark.parametrize("name", CASES)
def test_a_script_does_what_it_did(blank: Page, name: str) -> None:
    before = blank.evaluate(RUN, CASES[name])
    assert before is not None
    assert blank.evaluate(RUN, script(CASES[name])) == before


PARSE = """async (texts) => {
  const wrong = [];
  for (const [name, text] of Object.entries(texts)) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    // Bare names lead nowhere on this page, which is found out only after the whole has been understood.
    await import(url).catch((error) => error instanceof SyntaxError && wrong.push(`${name}: ${error.message}`));
  }
  return wrong;
}"""


def test_every_script_of_ours_can_still_be_read(blank: Page) -> None:
    found = {path.name: script('import "nowhere";' + path.read_text()) for path in (ROOT / "static/js").rglob("*.js")}
    assert blank.evaluate(PARSE, {"bad": "const a;"}) != []
    assert blank.evaluate(PARSE, found) == []


def test_a_script_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match="unexpected => in expression on line 1"):
        script("const f = async ({ a: [b] = [2] }) => b;")


RULES = """([before, after]) => [before, after].map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return [...sheet.cssRules].map((rule) => rule.cssText).join(" ");
})"""


def statements(text: str) -> Iterator[str]:
    """Rules as the browser understood them, without differences that are none: browsers keep some values as written."""
    for statement in re.split(r"(?<=[;{}])\s*", re.sub(r"\s+", " ", text)):
        if statement.endswith(";"):
            statement = re.sub(r"\s*([(),/])\s*", r"\1", statement).replace("background: none", "background: 0px 0px")
            statement = statement.replace("flex: 0 1 auto", "flex: initial")
            if statement.startswith("font-family"):
                statement = statement.lower()
        yield statement


def test_styles_say_what_they_said(blank: Page) -> None:
    names = re.findall(r"{% static '(css/[^']+)' %}", (ROOT / "templates/document.html").read_text())
    text = "".join((ROOT / "static" / name).read_text() for name in names)
    before, after = (list(statements(rules)) for rules in blank.evaluate(RULES, [text, style(text)]))
    assert len(before) > 2_000
    assert after == before
