"""Which language a page is in, and that all of it is."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from dashboard.models import Account, Preferences
from tests.api.samples import closed, portfolio
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGES = (
    "a/main/", "a/main/strategies", "a/main/trades", "a/main/portfolio", "a/main/risk", "a/main/alerts",
    "a/main/activity", "a/main/market", "a/main/connect", "a/main/settings",
)  # fmt: skip
# What pages of empty accounts say, and must not say in another language.
ENGLISH = (
    "Overview",
    "Settings",
    "Sign out",
    "Skip to content",
    "Time zone",
    "appears with",
    "not yet",
    "Search",
    "Alerts",
)
TITLES = {
    "es": (
        "Resumen", "Estrategias", "Operaciones", "Cartera", "Riesgo",
        "Alertas", "Actividad", "Mercado", "Conectar", "Ajustes",
    ),
    "de": (
        "Übersicht", "Strategien", "Trades", "Portfolio", "Risiko",
        "Alarme", "Aktivität", "Markt", "Verbinden", "Einstellungen",
    ),
    "fr": (
        "Aperçu", "Stratégies", "Trades", "Portefeuille", "Risque",
        "Alertes", "Activité", "Marché", "Connecter", "Paramètres",
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def english_again() -> None:
    translation.activate("en")


@pytest.fixture
def person(owner: User) -> Client:
    found = Client()
    found.force_login(owner)
    return found


def shown(client: Client, path: str, **headers: str) -> str:
    return client.get(f"/{path}", headers=headers).content.decode()


def without_scripts(page: str) -> str:
    return re.sub(r"<script.*?</script>|<select.*?</select>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("language", TITLES)
def test_every_page_is_in_the_language_as_a_whole(person: Client, owner: User, language: str) -> None:
    Preferences.objects.create(user=owner, chosen={"language": language})
    for path, title in zip(PAGES, TITLES[language], strict=True):
        page = without_scripts(shown(person, path).replace("&#x27;", "'"))
        assert f'<html lang="{language}"' in page
        assert f"<title>{title} · Main" in page, path
        assert not [text for text in ENGLISH if text in page], path


def test_what_is_chosen_stands_above_what_the_browser_asks_for(person: Client, owner: User) -> None:
    german = {"accept_language": "de-AT,de;q=0.9,en;q=0.5"}
    assert '<html lang="de"' in shown(person, "a/main/trades", **german)
    Preferences.objects.create(user=owner, chosen={"language": "fr"})
    assert '<html lang="fr"' in shown(person, "a/main/trades", **german)
    assert person.cookies["django_language"].value == "fr"  # for the pages before the next sign-in
    Preferences.objects.update(chosen={"language": "auto"})
    shown(person, "a/main/trades", **german)
    assert '<html lang="de"' in shown(person, "a/main/trades", **german)


@pytest.mark.parametrize(("asked", "language", "title"), [
    ("es-MX,es;q=0.9", "es", "Iniciar sesión"), ("de", "de", "Anmelden"), ("fr-CA", "fr", "Se connecter"),
    ("pl,en;q=0.5", "en", "Sign in"), ("xx", "en", "Sign in"),
])  # fmt: skip
def test_the_sign_in_speaks_as_the_browser_asks(asked: str, language: str, title: str) -> None:
    response = Client().get("/login", headers={"accept_language": asked})
    page = response.content.decode()
    assert f'<html lang="{language}"' in page and f"<h1>{title}</h1>" in page
    assert "Accept-Language" in response["Vary"] and response["Content-Language"] == language


def test_the_sign_in_offers_every_language_and_the_browser_keeps_it() -> None:
    client = Client()
    page = shown(client, "login")
    assert re.findall(r'name="language" value="(\w+)"', page) == ["en", "es", "de", "fr"]
    response = client.post("/language", {"language": "es", "next": "/login?next=/a/main/"})
    assert (response.status_code, response["Location"]) == (302, "/login?next=/a/main/")
    assert "<h1>Iniciar sesión</h1>" in shown(client, "login", accept_language="de")
    away = client.post("/language", {"language": "es", "next": "https://elsewhere.example/"})
    assert away["Location"] == "/"


def test_what_is_wrong_is_told_in_the_language(viewer: User) -> None:
    client = Client(headers={"accept_language": "de"})
    page = client.post("/login", {"username": "viewer", "password": "wrong"}).content.decode()
    assert "Passwort" in page and "correct" not in page
    assert "<h1>Hier ist nichts</h1>" in shown(client, "nothing")


@pytest.fixture
def lived(account: Account, person: Client) -> Client:
    """An account in which something happened last year."""
    for path, body in (
        ("trades", closed(size="1000", strategy="Grid")), ("portfolio", portfolio(total_value="12345.5")),
    ):  # fmt: skip
        answer = person.post(f"/api/{path}?account=main", body, "application/json")
        assert answer.status_code == 201, answer.content
    return person


@pytest.mark.parametrize(("language", "value", "day", "won"), [
    ("en", "12,345.50", "1 Jan 2026", "1 won"), ("es", "12.345,50", "1 ene 2026", "1 ganada"),
    ("de", "12.345,50", "1. Jan 2026", "1 gewonnen"), ("fr", "12\u202f345,50", "1 janv. 2026", "1 gagné"),
])  # fmt: skip
def test_numbers_dates_and_plurals_are_those_of_the_language(
    lived: Client, language: str, value: str, day: str, won: str
) -> None:
    with time_machine.travel("2027-05-05T12:00:00Z", tick=False):
        lived.force_login(User.objects.get(username="owner"))
        assert value in shown(lived, "a/main/portfolio", accept_language=language)
        page = shown(lived, "a/main/trades", accept_language=language)
    assert f">{day}</time>" in page and f">{won}</span>" in page


def test_drawings_and_what_scripts_read_are_the_same_in_every_language(lived: Client) -> None:
    """A decimal comma in the place of a point would tear a drawing apart."""
    with time_machine.travel("2026-01-05T12:00:00Z", tick=False):
        lived.force_login(User.objects.get(username="owner"))
        pages = {language: shown(lived, "a/main/", accept_language=language) for language in ("en", *TITLES)}
    drawn = r'\b(?:x|y|x1|x2|y1|y2|cx|d|dx|width|height|opacity|viewBox|datetime|data-(?:seq|now|places|epoch))="[^"]*"'
    parts = {language: re.findall(drawn, page) for language, page in pages.items()}
    assert len(parts["en"]) > 50
    assert all(found == parts["en"] for found in parts.values())


def test_programs_are_answered_in_english_and_all_alike(
    lived: Client, make_key: Callable[..., str], account: Account
) -> None:
    key = {"authorization": f"Bearer {make_key(account)}"}
    answers = [
        Client().get(path, headers={**key, "accept_language": language})
        for path in ("/api/trades", "/api/risk/metrics", "/api/trades?limit=x", "/api/nothing")
        for language in ("en", "de")
    ]
    for english, german in zip(answers[::2], answers[1::2], strict=True):
        same = re.sub(rb'"request_id":"[^"]*"|"(cpu|as_of|generated_at)":"[^"]*"', b"", english.content)
        assert same == re.sub(rb'"request_id":"[^"]*"|"(cpu|as_of|generated_at)":"[^"]*"', b"", german.content)
        assert english.get("ETag") == german.get("ETag") and "Accept-Language" not in german.get("Vary", "")


def test_a_page_is_told_in_its_language_what_was_refused(person: Client, owner: User) -> None:
    def refused(language: str) -> str:
        body = {"old_password": PASSWORD, "new_password": "short"}
        headers = {"accept_language": language}
        answer = person.post("/api/me/password", body, "application/json", headers=headers)
        assert answer.status_code == 400
        return answer.json()["error"]["fields"]["new_password"][0]

    assert "too short" in refused("en") and "trop court" in refused("fr")
    Preferences.objects.create(user=owner, chosen={"language": "es"})
    shown(person, "a/main/settings")
    assert "demasiado corta" in refused("fr")
