"""The language: chosen at the sign-in, then in Settings; figures of pages, charts and tables follow, live ones too."""

from playwright.sync_api import Browser, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

THIN = "\u202f"


def test_the_language_is_chosen_at_the_sign_in_and_in_settings(browser: Browser, server: Server) -> None:
    bot = Bot(server)
    for day, value in ((5, "10000"), (6, "12345.5"), (7, "11111.25")):
        bot.post("portfolio", {"timestamp": f"2026-03-0{day}T10:00:00Z", "total_value": value})
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR", timezone_id="UTC")
    page = context.new_page()
    try:
        page.goto(f"{server.url}/a/{bot.slug}/?period=all")
        expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
        page.get_by_role("button", name="Deutsch").click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        page.get_by_label("Name").fill(bot.user)
        page.get_by_label("Passwort").fill(bot.password)
        page.get_by_role("button", name="Anmelden").click()
        page.wait_for_url("**/?period=all")
        figures(
            page, bot, "Zahlen als Tabelle", ("6. Mär 10:00", "12.345,50", f"−10,00{THIN}%"), "Drawdown", "+1.100,00"
        )

        page.goto(f"{server.url}/a/{bot.slug}/settings")
        page.get_by_label("Sprache").select_option("fr")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        expect(page.get_by_label("Langue")).to_have_value("fr")
        page.goto(f"{server.url}/a/{bot.slug}/?period=all")
        figures(
            page, bot, "Chiffres en tableau", ("6 mars 10:00", f"12{THIN}345,50", f"−10,00{THIN}%"), "Drawdown",
            f"+2{THIN}200,00",
        )  # fmt: skip
    finally:
        context.close()


def figures(page: Page, bot: Bot, act: str, row: tuple[str, str, str], head: str, total: str) -> None:
    """The chart's table, and the total that a trade closed meanwhile changes."""
    wait_live(page)
    chart = page.locator("#chart-equity")
    expect(chart).to_have_attribute("data-state", "drawn")
    chart.locator("summary").click()
    chart.get_by_role("button", name=act).click()
    table = chart.get_by_role("table")
    expect(table.get_by_role("columnheader", name=head)).to_be_visible()
    rows = table.locator("tbody tr")
    expect(rows.nth(1).locator("td").nth(0)).to_have_text(row[0])
    expect(rows.nth(1).locator("td").nth(1)).to_have_text(row[1])
    expect(rows.nth(2).locator("td").nth(2)).to_have_text(row[2])
    bot.trade(f"in-{page.locator('html').get_attribute('lang')}", size="1.1")
    expect(page.locator("[data-bind='summary.total_pnl']:visible").first).to_have_text(total)
