"""The service worker, the offline page, the web app manifest and its shortcuts, as anybody gets them."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from dashboard.models import Account, Membership
from tests.server import Server

pytestmark = pytest.mark.django_db


def test_the_worker_is_for_the_whole_site_and_never_kept(client: Client) -> None:
    response = client.get("/service-worker.js")
    assert response.status_code == 200 and response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache" and "X-Kept-For" not in response
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert client.get("/service-worker.js", HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    assert client.post("/service-worker.js").status_code == 405


def configuration(client: Client) -> tuple[dict[str, Any], list[str]]:
    text = client.get("/service-worker.js").content.decode()
    told, scripts = re.findall(r"= ([\[{].*[\]}]);$", text, re.MULTILINE)
    return json.loads(told), json.loads(scripts)


def test_it_is_made_of_files_of_ours_alone(client: Client) -> None:
    _, scripts = configuration(client)
    assert scripts and all(path.startswith("/static/") for path in scripts)
    for path in scripts:
        found = finders.find(path.removeprefix("/static/"))
        assert found, path
        assert "storage.googleapis.com" not in Path(found).read_text()


def test_it_knows_its_release_and_an_offline_page_for_every_language(client: Client) -> None:
    told, _ = configuration(client)
    assert told["version"].startswith(f"{settings.RELEASE}-")
    assert list(told["offline"]) == [code for code, _ in settings.LANGUAGES]
    pages = {each["url"]: each["revision"] for each in told["precache"]}
    for code, path in told["offline"].items():
        assert pages[path]
        response = client.get(path)
        assert response.status_code == 200 and "X-Kept-For" not in response and "Set-Cookie" not in response
        assert f'<html lang="{code}"' in response.content.decode()
    assert client.get("/offline/xx").status_code == 404


def test_what_every_page_needs_is_kept_from_the_start(server: Server) -> None:
    """Also what comes right after a first view: a page without a connection can do what pages do."""
    text = httpx.get(f"{server.url}/service-worker.js", trust_env=False).text
    told = json.loads(re.findall(r"= ({.*});$", text, re.MULTILINE)[0])
    kept = [re.sub(r"\.[0-9a-f]{12}\.", ".", each["url"]) for each in told["precache"]]
    wanted = (
        "js/features/page.js",
        "js/features/later.js",
        "js/features/show.js",
        "CACHE/css/styles.css",
        "CACHE/css/more.css",
    )
    assert {f"/static/{path}" for path in wanted} <= set(kept)


def test_another_offline_page_is_another_version(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = configuration(client)[0]["version"]
    monkeypatch.setattr("dashboard.worker_pages.offline_text", lambda language: b"another")
    assert configuration(client)[0]["version"] != before


def size(path: str) -> tuple[int, int]:
    found = finders.find(path.removeprefix("/static/"))
    assert found
    width, height = struct.unpack(">II", Path(found).read_bytes()[16:24])
    return width, height


def test_the_manifest_installs(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    found = response.json()
    assert found["name"] == found["short_name"] == "BotV2" and found["display"] == "standalone"
    assert found["id"] == found["scope"] == found["start_url"] == "/"
    icons = {(each["sizes"], each["purpose"]) for each in found["icons"]}
    assert icons == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for icon in found["icons"]:
        assert "x".join(map(str, size(icon["src"]))) == icon["sizes"]
    assert [each["url"] for each in found["shortcuts"]] == ["/go/overview", "/go/trades", "/go/alerts"]


def test_every_page_names_the_manifest_and_its_colour(client: Client, viewer: User) -> None:
    text = client.get("/login").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in text
    touch = re.search(r'rel="apple-touch-icon" href="([^"]+)"', text)
    assert touch and size(touch[1]) == (180, 180)
    assert len(re.findall('<meta name="theme-color"', text)) == 2
    client.cookies["theme"] = "terminal"
    assert re.findall('<meta name="theme-color"[^>]*>', client.get("/login").content.decode()) == [
        '<meta name="theme-color" content="#000000">'
    ]


def test_shortcuts_lead_to_an_account_of_the_person(client: Client, viewer: User, stranger: User) -> None:
    assert client.get("/go/trades")["Location"] == "/login?next=/go/trades"
    client.force_login(viewer)
    demo = Account.objects.create(slug="demo", name="Demo", kind="demo")
    Membership.objects.create(user=viewer, account=demo, role="viewer")
    found = {page: client.get(f"/go/{page}")["Location"] for page in ("overview", "trades", "alerts")}
    assert found == {"overview": "/a/main/", "trades": "/a/main/trades", "alerts": "/a/main/alerts"}
    assert client.get("/go/settings").status_code == 404
    client.force_login(stranger)
    assert client.get("/go/trades")["Location"] == "/"
