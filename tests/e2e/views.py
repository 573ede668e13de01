"""Every page and dialog of the product, by name, and how to get there; for pictures and for checks of each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.e2e.stage import BTC, Stage

THEMES = ("dark", "light", "terminal")
BROKEN = """
from django.test import RequestFactory
from dashboard.errors import server_error
request = RequestFactory().get("/")
request.request_id = "0198c1f2-77aa"
print(server_error(request).content.decode())
"""
Open = Callable[[Page], None]


@dataclass(frozen=True)
class View:
    """`who` looks at `path`; what has to be pressed first does `then`. The page answers with `status`."""

    name: str
    path: str
    then: Open | None = None
    who: str = ""
    status: int = 200


def press(*selectors: str) -> Open:
    def then(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()

    return then


def keys(*pressed: str) -> Open:
    def then(page: Page) -> None:
        for key in pressed:
            page.keyboard.press(key)

    return then


def newest_signal(page: Page) -> None:
    page.locator("#chart-candles [data-room]").focus()
    keys("Shift+ArrowLeft", "Enter")(page)


def post_without_token(page: Page) -> None:
    page.evaluate(
        "document.querySelector('[name=csrfmiddlewaretoken]').value = 'stale'; document.forms[0].noValidate = true"
    )
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading")).to_contain_text("stale")


# A bare address brings back the filters of last time.
PAGES = (
    View("overview", "/a/perps/"),
    View("portfolio", "/a/perps/portfolio"),
    View("strategies", "/a/perps/strategies"),
    View(
        "comparison",
        "/a/perps/strategies?reset",
        press(
            ".table-strategies .pick input >> nth=0",
            ".table-strategies .pick input >> nth=1",
            "#chart-comparison .panel-head",
        ),
    ),
    View("strategy", "/a/perps/strategies", press(".table-strategies tbody .sym a")),
    View("trades", "/a/perps/trades"),
    View("risk", "/a/perps/risk"),
    View("risk-long", "/a/equities/risk"),
    View("market", f"/a/perps/market?symbol={BTC}"),
    View("alerts", "/a/perps/alerts"),
    View("activity", "/a/perps/activity"),
    View("connect", "/a/perps/connect"),
    View("settings", "/a/perps/settings"),
    View("all-bots", "/"),
    View("overview-empty", "/a/waiting/"),
    View("trades-empty", "/a/waiting/trades"),
    View("portfolio-empty", "/a/waiting/portfolio"),
    View("risk-empty", "/a/waiting/risk"),
    View("market-empty", "/a/waiting/market"),
    View("strategies-empty", "/a/waiting/strategies"),
    View("alerts-empty", "/a/waiting/alerts"),
    View("activity-empty", "/a/waiting/activity"),
)
DIALOGS = (
    View("trade-dialog", "/a/perps/trades?symbol=" + BTC, press("[data-rows=trades] [data-row] .sym")),
    View("strategy-dialog", "/a/perps/strategies", press("[data-shows=strategy] > tr .tr")),
    View("metric-dialog", "/a/perps/risk?show=metric-max_drawdown"),
    View("moment-dialog", "/a/equities/risk", press("[data-part=worst] tr[data-show-key]")),
    View("asset-dialog", "/a/perps/portfolio", press("[data-rows=positions] > tr .sym")),
    View("signal-dialog", f"/a/perps/market?symbol={BTC}", newest_signal),
    View("annotation-dialog", "/a/perps/", press("#chart-equity .note button")),
    View(
        "comparison-dialog",
        "/a/perps/strategies?reset",
        press(
            ".table-strategies .pick input >> nth=0",
            ".table-strategies .pick input >> nth=1",
            "[data-show-key^=comparison]",
        ),
    ),
    View("palette", "/a/perps/", keys("Control+k")),
    View("keys", "/a/perps/", keys("?")),
    View("account-menu", "/a/perps/", press(".account > summary")),
    View("chart-menu", "/a/perps/", press(".chart-menu > summary")),
    View("chart-table", "/a/perps/risk", press(".chart-menu > summary", "[data-act=table]")),
)
OUTSIDE = (
    View("sign-in", "/login"),
    View("second-step", "/login", who="careful"),
    View("no-account", "/login", who="stranger"),
    View("expired-link", "/sign-in/nothing", status=410),
    View("expired-reset", "/reset/nothing", status=410),
    View("expired-invitation", "/invite/nothing", status=410),
    View("error-404", "/nothing", status=404),
    View("error-403", "/admin/login/", who="member", status=403),
    View("error-csrf", "/login", post_without_token, status=403),
    View("error-500", "/broken", status=500),
)
VIEWS = PAGES + DIALOGS + OUTSIDE


class Tour:
    """Opens views on a stage, each in the profile of whoever looks at it."""

    def __init__(self, stage: Stage, new_context: Callable[[], BrowserContext]) -> None:
        self.stage, self.new_context = stage, new_context
        self.contexts: dict[str, BrowserContext] = {}

    def context(self, who: str) -> BrowserContext:
        if who not in self.contexts:
            self.contexts[who] = context = self.new_context()
            if who == "member":
                page = context.new_page()
                self.stage.user.sign_in(page)
                page.close()
            if not who:
                broken = self.stage.server.manage("shell", "-v0", "-c", BROKEN)
                context.route(
                    "**/broken", lambda route: route.fulfill(status=500, body=broken, content_type="text/html")
                )
        return self.contexts[who]

    @contextmanager
    def open(self, view: View) -> Iterator[Page]:
        outside = view in OUTSIDE
        page = self.context(view.who if outside else "member").new_page()
        page.goto(self.stage.server.url + view.path)
        if view.who in {"careful", "stranger"} and "login" in page.url:
            page.get_by_label("Name").fill(view.who)
            page.get_by_label("Password").fill(self.stage.user.password)
            page.get_by_role("button", name="Sign in", exact=True).click()
        if not outside:
            settled(page)
        if view.then:
            view.then(page)
            settled(page)
        yield page
        page.close()


SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const waits = () => document.readyState !== 'complete' ? 'the page' : [
    document.querySelector('[data-connection]') && document.body.dataset.live !== 'live' && 'the socket',
    document.body.dataset.account && document.body.dataset.ready === undefined && 'what comes late',
    document.querySelector('.chart-panel[data-state=loading]:not([data-far])')?.id,
    document.querySelector('[data-visiting]') && 'a visit',
    document.querySelector('.show-dialog[open]:not(:has([data-show]))') && 'a dialog',
    document.fonts.status !== 'loaded' && 'the font',
  ].find(Boolean);
  const deadline = performance.now() + 30_000;
  let quiet = 0;
  while (quiet < 3 && performance.now() < deadline) {
    quiet = waits() ? 0 : quiet + 1;
    await frame();
  }
  return waits() ?? '';
}"""


def settled(page: Page) -> None:
    """Live, every chart drawn or empty, the font there. (Playwright's own waiting is an eval, which pages forbid.)"""
    page.wait_for_load_state()
    waits = page.evaluate(SETTLED)
    assert not waits, f"{page.url} waits for {waits}"


def set_theme(page: Page, theme: str) -> None:
    """As the menu does; a page outside has none, and takes what the server would have printed."""
    page.evaluate(
        """async theme => {
          const map = document.querySelector('script[type=importmap]')?.textContent ?? '';
          if (map.includes('app/core/theme.js')) (await import('app/core/theme.js')).choose(theme);
          else document.documentElement.dataset.theme = theme;
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        }""",
        theme,
    )


def profile(browser: Browser, width: int = 1440) -> BrowserContext:
    size: ViewportSize = {"width": width, "height": HEIGHTS[width]}
    context = browser.new_context(viewport=size, locale="en-GB", timezone_id="UTC")
    return context


HEIGHTS = {1440: 1000, 768: 1024, 390: 844}
