"""Alerts pushed to browsers: which are told to whom, in what words, and what becomes of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from botv2.env import vapid_key
from dashboard.models import Account, Alert, Membership, PersonSession, PushMessage, PushSubscription
from dashboard.pushes.follow import accounts_behind, pushes_follow
from dashboard.pushes.http import is_public
from dashboard.pushes.send import messages_purge, pushes_send
from tests.api.conftest import Caller, with_key
from tests.api.persons import sign_in
from tests.push_service import Browser, PushService, push_service

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/me/pushes"


@pytest.fixture(autouse=True)
def service() -> Iterator[PushService]:
    with override_settings(VAPID_PRIVATE_KEY=vapid_key(), PUSH_TO_LOOPBACK=True), push_service() as running:
        yield running


@pytest.fixture
def bot(account: Account, make_key: Callable[..., str]) -> Caller:
    return Caller(with_key(make_key(account)))


def raise_alert(bot: Caller, title: str = "Losing week", severity: str = "warning", **more: Any) -> int:
    found: int = bot.post("alerts", {"type": "risk", "severity": severity, "title": title, **more}, status=None)[
        "item"
    ]["id"]
    return found


def subscribe(client: APIClient, browser: Browser, severity: str = "warning", status: int = 201) -> Any:
    response = client.post(PATH, browser.subscription(severity=severity), format="json")
    assert response.status_code == status, response.content
    return response.json().get("data") or response.json()["error"]


def push() -> int:
    """What the worker does when it looks."""
    for account in accounts_behind():
        pushes_follow(account)
    return pushes_send()


@pytest.fixture
def phone(owner: User, service: PushService) -> Browser:
    browser = service.browser("phone")
    subscribe(sign_in(owner), browser)
    return browser


def test_an_alert_is_told_once_encrypted_and_signed(bot: Caller, phone: Browser, service: PushService) -> None:
    alert = raise_alert(bot)
    assert push() == 1 and push() == 0
    (pushed,) = service.pushed
    assert pushed.signed() and pushed.headers["content-encoding"] == "aes128gcm"
    assert pushed.headers["ttl"] == "3600" and b"Losing" not in pushed.body
    assert service.told(phone) == [
        {
            "title": "Warning: Losing week",
            "body": "Main",
            "tag": f"alert-{alert}",
            "url": f"/a/main/alerts#alert-{alert}",
        }
    ]
    assert PushSubscription.objects.get().sent_at is not None


def test_no_figure_leaves_the_house(bot: Caller, phone: Browser, service: PushService) -> None:
    raise_alert(bot, "Lost 5,120.50 USDT since noon", message="Value 94879.50", data={"loss": 5120.5})
    push()
    (told,) = service.told(phone)
    assert told["title"] == "Warning: Risk alert" and told["body"] == "Main"


def test_only_what_is_severe_enough_and_again_when_it_gets_worse(
    bot: Caller, phone: Browser, service: PushService
) -> None:
    raise_alert(bot, severity="info")
    assert push() == 0
    for severity in ("info", "warning", "warning", "critical"):
        raise_alert(bot, "Drawdown", severity=severity, dedupe_key="dd", message=severity)
        push()
    assert [each["title"] for each in service.told(phone)] == ["Warning: Drawdown", "Critical: Drawdown"]


def test_members_alone_are_told_and_resolved_alerts_are_not(
    bot: Caller, phone: Browser, service: PushService, owner: User, stranger: User, viewer: User
) -> None:
    foreign, guest = service.browser("foreign"), service.browser("guest")
    subscribe(sign_in(stranger), foreign)
    subscribe(sign_in(viewer), guest)
    Membership.objects.filter(user=viewer).delete()
    alert = raise_alert(bot)
    mine = sign_in(owner)
    assert mine.post(f"/api/alerts/{alert}/resolve?account=main").status_code == 200
    assert push() == 0
    raise_alert(bot, "Another")
    assert push() == 1 and [each["title"] for each in service.told(phone)] == ["Warning: Another"]
    assert service.told(foreign) == service.told(guest) == []


def test_a_flood_is_one_push(bot: Caller, phone: Browser, service: PushService) -> None:
    bot.post("alerts", [{"type": "risk", "severity": "critical", "title": f"Alert {n}"} for n in "ABCDEFGH"])
    push()
    assert service.told(phone) == [
        {"title": "8 new alerts", "body": "Main", "tag": "alerts-main", "url": "/a/main/alerts"}
    ]


def test_what_is_old_is_no_news(bot: Caller, owner: User, service: PushService) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        raise_alert(bot, "Long ago")
    raise_alert(bot, "Just now")
    browser = service.browser("late")
    subscribe(sign_in(owner), browser)
    push()
    assert [each["title"] for each in service.told(browser)] == ["Warning: Just now"]


def test_in_the_language_of_the_person(bot: Caller, phone: Browser, service: PushService, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    PushSubscription.objects.update(language="de")
    raise_alert(bot)
    push()
    assert service.told(phone)[0]["title"].endswith("Losing week")


@pytest.mark.parametrize("status", [404, 410])
def test_an_endpoint_that_is_gone_is_forgotten(status: int, bot: Caller, phone: Browser, service: PushService) -> None:
    service.answers["/phone"] = [(status, {})]
    raise_alert(bot)
    push()
    assert not PushSubscription.objects.exists() and not PushMessage.objects.exists()


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(
    bot: Caller, phone: Browser, service: PushService
) -> None:
    service.answers["/phone"] = [(503, {}), (429, {"Retry-After": "120"}), (201, {})]
    raise_alert(bot)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        assert push() == 1 and push() == 0
        clock.shift(16)
        assert push() == 1
        clock.shift(60)
        assert push() == 0  # the service asked for two minutes
        clock.shift(61)
        assert push() == 1 and len(service.told(phone)) == 3
        clock.shift(7200)
        assert push() == 0
        service.answers["/phone"] = [(500, {})] * 30
        raise_alert(bot, "Another")
        tries = 0
        for _ in range(40):
            tries += push()
            clock.shift(600)
        assert 3 < tries < 10 and PushMessage.objects.filter(due_at__isnull=False).count() == 0
        clock.shift(31 * 24 * 3600)
        messages_purge(timezone.now())
        assert not PushMessage.objects.exists()


def test_what_a_crash_left_is_taken_again(bot: Caller, phone: Browser, service: PushService) -> None:
    from dashboard.pushes.send import take

    raise_alert(bot)
    for account in accounts_behind():
        pushes_follow(account)
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as clock:
        assert len(take(timezone.now())) == 1 and pushes_send() == 0
        clock.shift(121)
        assert pushes_send() == 1


def test_a_redirect_is_not_followed(bot: Caller, phone: Browser, service: PushService) -> None:
    service.answers["/phone"] = [(307, {"Location": f"{service.url}/elsewhere"})]
    raise_alert(bot)
    push()
    assert [each.path for each in service.pushed] == ["/phone"]


def test_nothing_inside_is_dialled(bot: Caller, phone: Browser, service: PushService, settings: Any) -> None:
    settings.PUSH_TO_LOOPBACK = False
    raise_alert(bot)
    push()
    assert service.pushed == [] and PushMessage.objects.get().due_at is not None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("10.1.2.3", False),
        ("192.168.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False),
        ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("224.0.0.1", False),
    ],
)  # fmt: skip
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


BAD = [
    ("endpoint", "http://push.example/x"), ("endpoint", "https://"), ("endpoint", "https://localhost/x"),
    ("endpoint", "https://10.0.0.1/x"), ("endpoint", "https://[::1]/x"), ("endpoint", "https://me:x@push.example/x"),
    ("endpoint", "https://push.example:99999/"), ("endpoint", "file:///etc/passwd"), ("endpoint", "x" * 2001),
    ("p256dh", "AAAA"), ("p256dh", "é"), ("auth", "AAAA"), ("auth", "!"), ("severity", "loud"), ("endpoint", 5),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD, ids=range(len(BAD)))
def test_what_is_refused_is_named(name: str, value: Any, owner: User, service: PushService) -> None:
    body = service.browser("x").subscription(severity="info") | {name: value}
    response = sign_in(owner).post(PATH, body, format="json")
    assert response.status_code == 400 and list(response.json()["error"]["fields"]) == [name]
    assert not PushSubscription.objects.exists()


def test_turned_on_changed_listed_and_off(owner: User, service: PushService) -> None:
    client, browser = sign_in(owner), service.browser("mine")
    made = subscribe(client, browser)
    assert subscribe(client, browser, "critical", status=200)["id"] == made["id"]
    listed = client.get(PATH).json()["data"]
    assert len(listed["public_key"]) == 87 and [each["severity"] for each in listed["subscriptions"]] == ["critical"]
    text = client.get(PATH).content.decode()
    assert browser.endpoint not in text and browser.subscription()["auth"] not in text
    changed = client.patch(f"{PATH}/{made['id']}", {"severity": "error"}, format="json")
    assert changed.json()["data"]["severity"] == "error"
    assert client.post(f"{PATH}/{made['id']}/test").json()["data"] == {"outcome": "sent"}
    assert service.told(browser)[0]["body"] == "Alerts arrive on this device."
    service.answers["/mine"] = [(410, {})]
    assert client.post(f"{PATH}/{made['id']}/test").json()["data"] == {"outcome": "gone"}
    assert client.get(PATH).json()["data"]["subscriptions"] == []
    made = subscribe(client, browser)
    assert client.delete(f"{PATH}/{made['id']}").status_code == 204 and not PushSubscription.objects.exists()


def test_a_browser_belongs_to_who_asked_last_and_a_person_has_a_bounded_number(
    owner: User, viewer: User, service: PushService
) -> None:
    mine, theirs = sign_in(owner), sign_in(viewer)
    subscribe(mine, service.browser("shared"))
    subscribe(theirs, service.browser("shared"))
    assert mine.get(PATH).json()["data"]["subscriptions"] == []
    for number in range(PushSubscription.MOST - 1):
        subscribe(theirs, service.browser(str(number)))
    assert list(subscribe(theirs, service.browser("one too many"), status=400)["fields"]) == ["endpoint"]


def test_signing_out_ends_it_and_so_does_ending_the_session(owner: User, service: PushService) -> None:
    first, second = sign_in(owner), sign_in(owner)
    subscribe(first, service.browser("first"))
    subscribe(second, service.browser("second"))
    first.post("/logout")
    assert [each.endpoint for each in PushSubscription.objects.all()] == [f"{service.url}/second"]
    third, row = sign_in(owner), PersonSession.objects.get(session_id=second.session.session_key)
    assert third.delete(f"/api/me/sessions/{row.pk}").status_code == 204
    assert not PushSubscription.objects.exists()


def test_a_session_that_expires_leaves_it(owner: User, bot: Caller, service: PushService) -> None:
    client, browser = sign_in(owner), service.browser("asleep")
    subscribe(client, browser)
    PersonSession.objects.get(session_id=client.session.session_key).session.delete()
    raise_alert(bot)
    assert push() == 1 and len(service.told(browser)) == 1


def test_without_a_key_nothing_is_offered(owner: User, service: PushService, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    client = sign_in(owner)
    assert client.get(PATH).json()["data"]["public_key"] is None
    subscribe(client, service.browser("x"), status=400)
    Alert.objects.all().delete()
    assert push() == 0


def test_a_device_is_called_ones_own_over_the_api(owner: User) -> None:
    client = sign_in(owner)
    assert client.get("/api/me/device").json()["data"] == {"own": False}
    response = client.patch("/api/me/device", {"own": True}, format="json")
    assert response.json()["data"] == {"own": True} and len(response["X-Kept-For"]) == 16
    assert client.get("/a/main/")["X-Kept-For"] == response["X-Kept-For"]
    response = client.patch("/api/me/device", {"own": False}, format="json")
    assert response["X-Kept-For"] == "unkept" and not client.cookies["kept-for"].value
    assert client.patch("/api/me/device", {"own": "yes"}, format="json").status_code == 400
