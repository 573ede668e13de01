"""docs/security.md names a test for each item, and what no other test holds."""

import json
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from rest_framework.test import APIClient

from botv2 import settings as product
from botv2.env import ROOT
from dashboard.models import Account
from dashboard.services.keys import TOKEN
from tests.api.conftest import Caller
from tests.api.persons import sign_in
from tests.api.samples import alert, annotation, closed
from tests.conftest import PASSWORD
from tests.contracts.named import named
from tests.isolation import isolated

ITEMS = 64
OUR = {"api", "botv2", "dashboard", "realtime", "analytics"}


def test_every_item_has_a_row_and_every_test_that_it_names_exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    rows = [line for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, ITEMS + 1))
    for row in rows:
        assert named(row) or "comes with" in row or "come with" in row, row


def test_https_sites_pin_https_and_their_cookies() -> None:
    code = (
        "import json, django; django.setup()\n"
        "from django.conf import settings; from django.test import Client\n"
        "answer = Client(HTTP_HOST='bots.example').get('/login', secure=True)\n"
        "cookies = {name: dict(cookie.items()) for name, cookie in answer.cookies.items()}\n"
        "print(json.dumps([answer['Strict-Transport-Security'], cookies, settings.SESSION_COOKIE_NAME,"
        " settings.SESSION_COOKIE_SECURE]))"
    )
    environment = isolated({"SITE_URL": "https://bots.example", "SECRET_KEY": product.SECRET_KEY, "DEBUG": 1})
    environment |= {"DJANGO_SETTINGS_MODULE": "botv2.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    hsts, cookies, session, secure = json.loads(done.stdout)
    assert "max-age=31536000" in hsts and "includeSubDomains" in hsts
    cookie = cookies["__Host-csrf"]
    assert cookie["secure"] and cookie["path"] == "/" and not cookie["domain"]
    assert session == "__Host-session" and secure


@pytest.mark.django_db
def test_other_origins_are_allowed_by_name_and_without_cookies(settings: Any) -> None:
    there = {"HTTP_ORIGIN": "https://grafana.example"}
    assert "Access-Control-Allow-Origin" not in Client().get("/api/trades", **there)  # type: ignore[arg-type]
    settings.CORS_ALLOWED_ORIGINS = ["https://grafana.example"]
    for path, origin, allowed in (
        ("/api/trades", "https://grafana.example", "https://grafana.example"),
        ("/api/trades", "https://grafana.example.evil", None),
        ("/api/trades", "null", None),
        ("/login", "https://grafana.example", None),
    ):
        answer = Client().get(path, HTTP_ORIGIN=origin)
        assert answer.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.django_db
def test_passwords_are_hashed_by_argon2id_and_older_hashes_renewed(owner: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    sign_in(owner)
    owner.refresh_from_db()
    assert owner.password.startswith("argon2$argon2id$")


@pytest.mark.django_db
def test_a_session_gets_a_new_id_at_the_sign_in_and_is_gone_after_signing_out(owner: User) -> None:
    client = APIClient()
    client.cookies["session"] = "a" * 32  # one that somebody else planted
    sign_in(owner, client)
    first = client.cookies["session"].value
    assert first != "a" * 32 and Session.objects.filter(pk=first).exists()
    client.post("/logout")
    assert not Session.objects.filter(pk=first).exists()
    stolen = APIClient()
    stolen.cookies["session"] = first
    assert stolen.get("/api/me").status_code == 401
    assert sign_in(owner, client).cookies["session"].value != first


@pytest.mark.django_db
def test_a_form_of_too_many_fields_is_refused() -> None:
    assert Client().post("/login", {f"f{number}": "x" for number in range(1001)}).status_code == 400


def test_health_says_no_more_than_ok() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def our_patterns() -> set[re.Pattern[str]]:
    """Every pattern that a module of ours holds by a name."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in OUR]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, re.Pattern)}
    return {pattern for pattern in found if isinstance(pattern.pattern, str)}


def test_patterns_take_time_in_proportion() -> None:
    """100,000 characters of what a pattern might try in many ways are read in 50 ms."""
    patterns = our_patterns()
    assert len(patterns) > 5
    parts = ("a", "0", " ", "-", "a-", "0.", "1e", "a@", "/.", "bv2_live_", "\t ", '"\\', "é", "a1-_.:")
    texts = [(part * 100_000)[:100_000] + end for part in parts for end in ("", "!", "\n")]
    for pattern in patterns:
        for text in texts:
            spent = []
            for _ in range(3):
                begun = time.process_time()
                pattern.fullmatch(text), pattern.match(text), TOKEN.search(text)  # the one that looks anywhere
                spent.append(time.process_time() - begun)
                if spent[-1] < 0.05:
                    break
            assert min(spent) < 0.05, (pattern.pattern, text[:20], spent)


TAGS = ("script", "img src=x", "svg", "iframe", "body", "details open", "video", "math", "object", "input autofocus")
ENDS = ("\"'>", "-->", "]]>", "</title>", "</textarea>", "</style>", "</script>")
QUOTES = ("'", '"', "`", "\" '", "'\"")
SCHEMES = ("javascript", "JaVaScRiPt", "java\u200bscript", "data:text/html,", "vbscript")
CORPUS = [
    *(f"<{tag} onload=alert(1) onerror=alert(1)>" for tag in TAGS),
    *(f"</{tag.split()[0]}><{tag} onfocus=alert(2)>" for tag in TAGS),
    *(f"{end}<script>alert(3)</script>" for end in ENDS),
    *(f"{quote} onmouseover={quote}alert(4)" for quote in QUOTES),
    *(f"{scheme}:alert(5)" for scheme in SCHEMES),
    *("{{7*7}}", "{% load x %}", "${7*7}", "<%= 7 %>", "&lt;script&gt;", "&#60;script&#62;", "\\u003cscript\\u003e"),
    *("<!--", "<![CDATA[", "<a href=javascript:alert(6)>x", "<style>*{x:expression(1)}", "<base href=//evil>"),
    "<meta http-equiv=refresh>",
]


class Markup(HTMLParser):
    """What a page holds that ours never do."""

    STRANGE = {"img", "iframe", "video", "math", "object", "base", "style"}

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag in self.STRANGE or any(name.startswith("on") for name in held):
            self.found.append(f"{tag} {held}")
        if re.match(r"\s*(?:javascript|vbscript|data):", held.get("href") or "", re.IGNORECASE):
            self.found.append(f"{tag} {held}")
        if tag == "script" and "src" not in held and held.get("type") not in ("importmap", "application/json"):
            self.found.append(f"script {held}")


@pytest.mark.django_db
def test_markup_in_names_is_inert_on_every_page(owner: User, account: Account, bot: Caller) -> None:
    assert len(CORPUS) >= 50
    names = list(dict.fromkeys(CORPUS))
    told = ("strategy", "exit_reason", "notes", "signal_type")
    trades = [closed(trade_id=f"t-{at}", tags=[name]) | dict.fromkeys(told, name) for at, name in enumerate(names)]
    bot.post("trades", trades)
    bot.post("alerts", [alert(title=name, message=name, dedupe_key=str(at)) for at, name in enumerate(names)])
    for at, name in enumerate(names):
        bot.post("heartbeat", {"bot": name, "state": "running", "message": name})
        bot.post("annotations", annotation(text=f"{name} {at}"))
    Account.objects.update(name=CORPUS[0], exchange=CORPUS[1])
    client = sign_in(owner)
    pages = ("", "trades", "strategies", "portfolio", "risk", "alerts", "activity", "connect", "settings")
    for page in pages:
        answer = client.get(f"/a/main/{page}")
        parsed = Markup()
        parsed.feed(answer.content.decode())
        assert answer.status_code == 200 and parsed.found == [], page
    assert "alert(" in client.get("/a/main/trades").content.decode()  # they were there
