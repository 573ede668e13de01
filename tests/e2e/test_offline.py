"""Without a connection: what is kept for whom, what the page says of it, and how it gets away again."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import running_server
from tests.e2e.bots import Bot, until, wait_live
from tests.push_service import push_service
from tests.server import Server

TOKEN = uuid.uuid4().hex
LOST = re.compile("net::ERR_|Failed to fetch|WebSocket connection")
PAGES = ("", "portfolio", "strategies", "trades", "risk", "market", "alerts", "activity", "connect", "settings")
CACHES = """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async (name) =>
    [name, (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)])))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that may be stopped: each test leaves it running."""
    settings = {"PUSH_TO_LOOPBACK": "1", "METRICS_TOKEN": TOKEN}
    with running_server(tmp_path_factory.mktemp("offline") / "var", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    made = Bot(server)
    made.trade("won")
    made.open_trade("open")
    made.post("alerts", [{"type": "risk", "severity": "warning", "title": f"Alert {name}"} for name in "AB"])
    made.post(
        "market/BTC/USDT/ohlcv",
        {"timeframe": "1h", "candles": [["2026-01-05T09:00:00Z", 30000, 31000, 29000, 30500, 1]]},
    )
    return made


@pytest.fixture
def context(whole_browser: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A fresh profile with a service worker. That there is no connection is what these tests are about."""
    fresh = whole_browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC")
    yield fresh
    fresh.close()
    complaints[:] = [text for text in complaints if not LOST.search(text)]


SignIn = Callable[..., Page]


def printed(server: Server, view: str) -> int:
    """How often the server has answered with a page."""
    told = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False).text
    counts = re.findall(rf'botv2_http_requests_total{{[^}}]*status="200"[^}}]*view="{view}"[^}}]*}} ([\d.]+)', told)
    return round(sum(map(float, counts)))


@pytest.fixture
def sign_in(server: Server, bot: Bot, context: BrowserContext) -> SignIn:
    """A page of somebody who signs in, on their own device unless it is said otherwise, with the worker in charge."""

    def enter(path: str = "", *, own: bool = True, user: str = bot.user, password: str = bot.password) -> Page:
        page = context.new_page()
        page.goto(f"{server.url}/a/{bot.slug}/{path}")
        page.get_by_label("Name").fill(user)
        page.get_by_label("Password").fill(password)
        if own:
            page.get_by_label("This is my device").check()
        page.get_by_role("button", name="Sign in").click()
        wait_live(page)
        until_true(page, "() => navigator.serviceWorker.controller !== null")
        return page

    return enter


def until_true(page: Page, condition: str) -> None:
    """Wait for what a script says."""
    until(page, lambda: page.evaluate(condition))


def entries(page: Page, kind: str) -> list[str]:
    found: dict[str, list[str]] = page.evaluate(CACHES)
    return [path for name, paths in found.items() if f":{kind}" in name for path in paths]


def until_kept(page: Page, kind: str, path: str) -> None:
    until_true(page, f"async () => Object.entries(await ({CACHES})()).some(([name, paths]) => "
          f"name.includes(':{kind}') && paths.includes({json.dumps(path)}))")  # fmt: skip


def ask(page: Page, message: dict[str, Any]) -> Any:
    return page.evaluate(
        "(message) => new Promise((resolve) => { const { port1, port2 } = new MessageChannel();"
        " port1.onmessage = ({ data }) => resolve(data);"
        " navigator.serviceWorker.controller.postMessage(message, [port2]); })",
        message,
    )


def go(page: Page, path: str) -> None:
    page.goto(f"{page.url.split('/a/')[0]}{path}")


def test_the_first_page_ever_seen_is_there_without_a_connection(server: Server, bot: Bot, sign_in: SignIn) -> None:
    page = sign_in()
    until_kept(page, "pages", f"/a/{bot.slug}/")
    until_kept(page, "api", "/api/snapshot")
    server.stop()
    try:
        page.reload()
        expect(page.locator("h1")).to_have_text("Overview")
        expect(page.locator("[data-bind='summary.value']").first).to_have_text("100.00")
        bar = page.locator("[data-stale-bar]")
        expect(bar).to_contain_text("Data as of")
        expect(bar.locator("time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
        said = bar.locator("time").inner_text()
        expect(page.locator("[data-connection]")).to_have_attribute("data-state", "offline")
        answer = page.evaluate(
            "async (path) => { const found = await fetch(path); const { data } = await found.json();"
            " return [found.status, found.headers.get('X-Stale-Since'), data.recent_trades.length]; }",
            f"/api/snapshot?account={bot.slug}&trades=12",
        )
        assert answer[0] == 200 and answer[1].endswith("Z") and answer[2] == 1
        shown = page.locator("[data-connection] [data-last]").inner_text()
        assert shown[:5] == said[:5]
    finally:
        server.start()
    expect(bar).to_be_hidden()  # the page comes back by itself
    wait_live(page)


def test_every_page_is_there_with_its_last_data(server: Server, bot: Bot, sign_in: SignIn) -> None:
    name, password = f"op-{uuid.uuid4().hex[:6]}", uuid.uuid4().hex
    server.manage("create_user", name, "--account", bot.slug, "--role", "operator", BOTV2_PASSWORD=password)
    page = sign_in(user=name, password=password)
    titles = {}
    for path in PAGES:
        go(page, f"/a/{bot.slug}/{path}")
        titles[path] = page.locator("h1").first.inner_text()
        wait_live(page)
    server.stop()
    try:
        for path in PAGES:
            go(page, f"/a/{bot.slug}/{path}")
            expect(page.locator("h1").first).to_have_text(titles[path])
            expect(page.locator("[data-stale-bar]")).to_be_visible()
        go(page, "/")  # what an installed application opens
        expect(page.locator("h1").first).to_have_text("Overview")
        go(page, "/go/trades")
        expect(page.locator("h1").first).to_have_text("Trades")
        go(page, f"/a/{bot.slug}/trades?status=open")
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()
        expect(page.get_by_role("link", name="Trades · Browser")).to_be_visible()
    finally:
        server.start()
    expect(page.locator("h1").first).to_have_text("Trades")  # it tried again by itself


def test_elsewhere_nothing_is_kept(server: Server, bot: Bot, sign_in: SignIn, context: BrowserContext) -> None:
    before = printed(server, "trades")
    page = sign_in("trades", own=False)
    page.wait_for_timeout(1500)
    assert printed(server, "trades") == before + 1  # not once more for the worker, which would not keep it
    page.reload()
    wait_live(page)
    assert entries(page, "static") and not entries(page, "pages") and not entries(page, "api")
    context.add_cookies([{"name": "theme", "value": "terminal", "url": server.url}])
    server.stop()
    try:
        page.reload()
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-theme", "terminal")
        expect(page.locator("[data-kept]")).to_be_hidden()
        refused = page.evaluate(
            "() => fetch('/api/annotations', { method: 'POST', body: '{}' }).catch(({ name }) => name)"
        )
        assert refused == "TypeError"
    finally:
        server.start()


def test_a_new_version_takes_over_when_somebody_says_so(server: Server, bot: Bot, sign_in: SignIn) -> None:
    first = sign_in("alerts")
    second = first.context.new_page()
    second.goto(first.url)
    wait_live(second)
    before = ask(first, {"type": "GET_VERSION"})["version"]
    release(server, uuid.uuid4().hex)
    for page in (first, second):
        page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    for page in (first, second):
        expect(page.get_by_text("A new version of BotV2 is here.")).to_be_visible()
    assert ask(first, {"type": "GET_VERSION"})["version"] == before  # it waits
    until_kept(first, "pages", f"/a/{bot.slug}/alerts")
    with first.expect_navigation():
        first.get_by_role("button", name="Use it now").click()
    expect(second.get_by_text("BotV2 was brought up to date in another tab.")).to_be_visible()
    expect(second.get_by_text("A new version of BotV2 is here.")).to_be_hidden()
    after = ask(first, {"type": "GET_VERSION"})["version"]
    assert after != before
    until_true(first, f"async () => !(await caches.keys()).some((name) => name.includes({json.dumps(before)}))")
    with second.expect_navigation():
        second.get_by_role("button", name="Load again").click()
    wait_live(second)


def release(server: Server, digest: str) -> None:
    """Other static files: the server knows them by their manifest."""
    server.stop()
    manifest = Path(server.data) / "static" / "staticfiles.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"hash": digest}))
    server.start()


def test_caches_have_limits(server: Server, bot: Bot, sign_in: SignIn) -> None:
    page = sign_in("alerts")
    page.evaluate(
        "async (slug) => { for (let at = 1; at <= 230; at += 23) await Promise.all(Array.from({ length: 23 },"
        " (_, index) => fetch(`/api/alerts?account=${slug}&limit=${at + index}`))); }",
        bot.slug,
    )
    until_true(
        page,
        "async () => Object.entries(await (" + CACHES + ")()).every(([name, paths]) => "
        "!name.includes(':api') || paths.length <= 200)",
    )
    assert len(entries(page, "api")) > 100
    # What is older than an hour is not shown any more.
    old = f"/api/alerts?account={bot.slug}&limit=999"
    page.evaluate(
        "async (old) => { const name = (await caches.keys()).find((each) => each.includes(':api:'));"
        " const headers = { Date: new Date(Date.now() - 3700e3).toUTCString() };"
        " await (await caches.open(name)).put(old, new Response('{}', { headers })); }",
        old,
    )
    server.stop()
    try:
        assert page.evaluate("(old) => fetch(old).then(({ status }) => status, () => 0)", old) == 0
    finally:
        server.start()


def test_signing_out_leaves_nothing(server: Server, bot: Bot, sign_in: SignIn) -> None:
    page = sign_in("trades")
    page.reload()
    until_kept(page, "pages", f"/a/{bot.slug}/trades")
    page.locator("summary.person").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/login"))
    until_true(page, "async () => Boolean((await navigator.serviceWorker.getRegistration())?.active)")
    assert not entries(page, "pages") and not entries(page, "api")
    assert page.evaluate("() => document.cookie").find("kept-for") == -1
    server.stop()
    try:
        go_to = f"{server.url}/a/{bot.slug}/trades"
        page.goto(go_to)
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    finally:
        server.start()


def test_a_second_person_sees_nothing_of_the_first(server: Server, bot: Bot, sign_in: SignIn) -> None:
    first = sign_in("trades")
    first.reload()
    until_kept(first, "pages", f"/a/{bot.slug}/trades")
    context = first.context
    first.close()
    # The session ends without a sign-out, as when it expires; then somebody else comes.
    context.clear_cookies(name="session")
    context.clear_cookies(name="kept-for")
    server.stop()
    try:
        page = context.new_page()
        page.goto(f"{server.url}/a/{bot.slug}/trades")
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()  # not even before they sign in
        expect(page.locator("[data-kept]")).to_be_hidden()
        page.close()
    finally:
        server.start()
    other = Bot(server)
    page = sign_in("../" + other.slug + "/trades", own=False, user=other.user, password=other.password)
    assert not entries(page, "pages") and not entries(page, "api")


def test_nobody_else_is_remembered(server: Server, bot: Bot, sign_in: SignIn, browser: Browser) -> None:
    page = sign_in("alerts")
    assert page.evaluate("() => document.cookie").count("kept-for=") == 1
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(f"{server.url}/login")
    expect(elsewhere.get_by_label("This is my device")).not_to_be_checked()
    elsewhere.context.close()


WRITE = """async ([method, path, body]) => {
    const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
    const sent = fetch(path, { method, headers, body: JSON.stringify(body) });
    return sent.then(({ status }) => status, ({ name }) => name);
}"""


def test_what_is_written_without_a_connection_is_sent_once_there_is_one(
    server: Server, bot: Bot, sign_in: SignIn
) -> None:
    page = sign_in("alerts")
    account = f"?account={bot.slug}"
    note = {"chart_id": "equity", "date": "2026-01-05T10:00:00Z", "text": "Written in a tunnel", "type": "news"}
    server.stop()
    try:
        page.get_by_role("button", name="Acknowledge").first.click()
        expect(page.get_by_text("Kept on this device until there is a connection")).to_be_visible()
        assert page.evaluate(WRITE, ["POST", f"/api/annotations{account}", note]) == 202
        assert page.evaluate(WRITE, ["PATCH", f"/api/trades/999999{account}", {"notes": "of none"}]) == 202
        for path in ("strategies", "keys", "trades", "cashflows", "me/preferences"):
            assert page.evaluate(WRITE, ["POST", f"/api/{path}{account}", {}]) == "TypeError", path
        expect(page.locator("[data-queue-bar]")).to_contain_text("3 changes wait for the connection.")
        waiting = ask(page, {"type": "QUEUE"})["waiting"]
        assert [each["kind"] for each in waiting] == ["alert", "annotation", "note"]
        assert waiting[1]["text"] == "Written in a tunnel"
    finally:
        server.start()
    page.evaluate("() => dispatchEvent(new Event('online'))")
    refused = page.locator(".toast[data-warning]")
    expect(refused).to_contain_text("The server did not accept")
    expect(refused).to_contain_text("Notes of a trade: of none")
    expect(page.locator("[data-queue-bar]")).to_be_hidden()
    found = bot.client.get("annotations/equity").json()["data"]["annotations"]
    assert [each["text"] for each in found] == ["Written in a tunnel"]
    states = {each["status"] for each in bot.client.get("alerts").json()["data"]["alerts"]}
    assert states == {"active", "acknowledged"}
    refused.get_by_role("button", name="Close").click()
    until(page, lambda: ask(page, {"type": "QUEUE"}) == {"waiting": [], "refused": []})


def test_a_page_that_was_loaded_past_the_worker_is_kept_too(sign_in: SignIn) -> None:
    page = sign_in("trades")
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    wait_live(page)
    until_true(page, "() => performance.getEntriesByType('navigation')[0].workerStart === 0")
    until_true(page, "() => navigator.serviceWorker.controller !== null")


PUSH_MANAGER = """(() => {
    const made = { endpoint: %s, toJSON: () => ({ endpoint: %s, keys: %s }), unsubscribe: async () => !(held = null) };
    let held = null;
    Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
    Notification.requestPermission = async () => 'granted';
    PushManager.prototype.subscribe = async () => (held = made);
    PushManager.prototype.getSubscription = async () => held;
})()"""


def test_settings_of_this_device(server: Server, bot: Bot, sign_in: SignIn, context: BrowserContext) -> None:
    """The push service of a browser without internet is ours; that it reaches the browser is the browser's part."""
    with push_service() as service:
        browser = service.browser("here")
        keys = browser.subscription()
        endpoint = json.dumps(browser.endpoint)
        given = json.dumps({"p256dh": keys["p256dh"], "auth": keys["auth"]})
        context.add_init_script(PUSH_MANAGER % (endpoint, endpoint, given))
        page = sign_in("settings")
        device = page.locator("[data-device]")
        expect(device.locator("[data-version]")).not_to_be_empty()
        device.get_by_role("button", name="Clear what is kept").click()
        expect(device.get_by_text("Cleared")).to_be_visible()
        assert entries(page, "static") == []
        page.get_by_role("button", name="Turn on").click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator("[data-push-sent]")).to_be_visible()
        # An alert of a moment ago may come first.
        assert "test" in [each["tag"] for each in service.told(browser)] and service.pushed[0].signed()
        bot.post("alerts", {"type": "system", "severity": "critical", "title": "Exchange refuses orders"})
        wanted = "Critical: Exchange refuses orders"
        until(page, lambda: wanted in [each["title"] for each in service.told(browser)])
        page.get_by_role("button", name="Turn off").first.click()
        expect(page.get_by_role("button", name="Turn on")).to_be_visible()
        own = page.get_by_label("This is my device")
        expect(own).to_be_checked()
        own.uncheck()
        until_true(page, "() => !document.cookie.includes('kept-for')")
