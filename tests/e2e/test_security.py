"""What the browser itself refuses, with the content policy of our pages."""

from playwright.sync_api import Page

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

REFUSED = """(act) => {
  const acts = {
    markup: () => { document.createElement("p").innerHTML = "<b>x</b>"; },
    parsed: () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
    script: () => { document.createElement("script").src = "/x.js"; },
    rule: () => trustedTypes.createPolicy("other", { createHTML: (text) => text }),
  };
  try { acts[act](); return "done"; } catch (error) { return error.name; }
}"""


def test_text_becomes_code_by_one_rule_alone(server: Server, page: Page, complaints: list[str]) -> None:
    bot = Bot(server)
    bot.sign_in(page, "settings")
    wait_live(page)
    worker = "import('app/core/trusted.js').then((found) => String(found.workerAddress()))"
    assert page.evaluate(worker) == "/service-worker.js"
    found = {act: page.evaluate(REFUSED, act) for act in ("markup", "parsed", "script", "rule")}
    assert found == dict.fromkeys(found, "TypeError")
    page.wait_for_timeout(100)  # the browser tells of refusals afterwards
    for told in ("TrustedHTML", "TrustedScriptURL", "TrustedTypePolicy"):
        assert any(told in complaint for complaint in complaints), told
    complaints.clear()
