"""`Idempotency-Key`: one effect and one answer, however often it is asked."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from api import views
from dashboard.models import Account, IdempotentAnswer, Trade
from dashboard.services import idempotency
from dashboard.services.idempotency import answers_purge
from tests.api.conftest import Caller
from tests.api.samples import alert, closed, flow, portfolio, trade

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("trades", trade()), ("trades", [trade(), trade(trade_id="t-2", size=-1)]), ("portfolio", portfolio()),
        ("cashflows", flow()), ("strategies", {"name": "Trend"}), ("alerts", alert()),
        ("heartbeat", {"bot": "a", "state": "running"}),
        ("market/X/ohlcv", {"timeframe": "1h", "candles": [["2026-01-01T00:00:00Z", 1, 2, 1, 2, 3]]}),
    ],
)  # fmt: skip
def test_the_first_answer_is_given_again(
    bot: Caller, stored: Callable[[], dict[str, int]], path: str, body: Any
) -> None:
    bot.post(path, body, idempotency_key="k-1")
    first, content, before = bot.response, bot.response.content, stored()
    assert "Idempotency-Replayed" not in first
    for _ in range(3):
        bot.post(path, body, idempotency_key="k-1")
        assert (bot.response.status_code, bot.response.content) == (first.status_code, content)
        assert bot.response["Idempotency-Replayed"] == "true"
    assert stored() == before
    if path in ("alerts", "heartbeat", "trades"):
        bot.post(path, body, idempotency_key="k-2")
        assert bot.response.content != content and "Idempotency-Replayed" not in bot.response


def test_it_is_given_again_after_the_row_vanished(bot: Caller) -> None:
    made = bot.post("trades", trade(), idempotency_key="k")
    note = bot.send("PATCH", f"trades/{made['item']['id']}", {"notes": "n"}, idempotency_key="n")
    Trade.objects.all().delete()
    assert bot.post("trades", trade(), idempotency_key="k") == made and Trade.objects.count() == 0
    assert bot.send("PATCH", f"trades/{made['item']['id']}", {"notes": "n"}, idempotency_key="n") == note
    bot.refused(404, "PATCH", f"trades/{made['item']['id']}", {"notes": "n"})


def test_another_body_is_refused(bot: Caller, stored: Callable[[], dict[str, int]]) -> None:
    bot.post("trades", trade(), idempotency_key="k")
    before = stored()
    for path, body in (("trades", trade(size="3")), ("trades", [trade()]), ("trades?atomic=true", trade())):
        assert bot.refused(422, "POST", path, body, idempotency_key="k")["code"] == "idempotency_key_reused"
    assert stored() == before
    bot.post("trades", [trade(size="3")], idempotency_key="k2")


def test_a_key_belongs_to_who_sent_it_and_where(
    bot: Caller, program: Callable[..., Caller], other_account: Account, operator: Any, person: Callable[..., Caller]
) -> None:
    bot.post("trades", trade(), idempotency_key="k")
    for caller, status in ((program(), 200), (person(operator), 200), (program(of=other_account), 201)):
        caller.post("trades", trade(), status=status, idempotency_key="k")
        assert "Idempotency-Replayed" not in caller.response
    bot.post("alerts", alert(), status=201, idempotency_key="k")


def test_a_refused_request_uses_up_nothing(bot: Caller) -> None:
    for bad in (trade(size=0), closed(entry_price="1", exit_price="9" * 18, size="9" * 18)):
        bot.refused(400, "POST", "trades", bad, idempotency_key="k")
    assert IdempotentAnswer.objects.count() == 0
    bot.post("trades", trade(), status=201, idempotency_key="k")


@pytest.mark.parametrize("key", ["", "x" * 65, "ключ", "a\tb", "\x7f"])
def test_a_key_is_printable_ascii(bot: Caller, key: str) -> None:
    assert list(bot.refused(400, "POST", "trades", trade(), idempotency_key=key)["fields"]) == ["Idempotency-Key"]


def test_effects_and_answer_are_one_transaction(
    bot: Caller, stored: Callable[[], dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the answer cannot be kept")

    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "answer_keep", fail)
        bot.client.raise_request_exception = False
        bot.refused(500, "POST", "trades", trade(), idempotency_key="k")
    assert stored() == before
    bot.post("trades", trade(), status=201, idempotency_key="k")


def test_answers_are_kept_two_days(bot: Caller) -> None:
    with time_machine.travel("2026-01-10T00:00:00Z", tick=False) as clock:
        bot.post("trades", trade(), idempotency_key="k")
        clock.shift(48 * 3600)
        assert answers_purge(timezone.now()) == 0
        clock.shift(1)
        assert answers_purge(timezone.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_in_flight_is_refused_and_the_effect_happens_once(
    program: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = program()
    inside, go_on = threading.Event(), threading.Event()
    run_once = views.Write.run_once

    def slow(self: views.Write, *args: Any) -> Any:
        inside.set()
        assert go_on.wait(10)
        return run_once(self, *args)

    monkeypatch.setattr(views.Write, "run_once", slow)
    answers: list[Any] = []

    def first() -> None:
        answers.append(Caller(bot.client).send("POST", "trades", trade(), idempotency_key="k"))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    second = Caller(bot.client)
    assert second.refused(409, "POST", "trades", trade(), idempotency_key="k")["code"] == "in_flight"
    assert second.response["Retry-After"] == "1"
    go_on.set()
    thread.join(10)
    assert answers[0]["data"]["status"] == "created"
    bot.post("trades", trade(), status=201, idempotency_key="k")
    assert bot.response["Idempotency-Replayed"] == "true" and bot.get("events")["head"] == 2


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_store_one(program: Callable[..., Caller]) -> None:
    bot, statuses = program(), []

    def post() -> None:
        caller = Caller(bot.client)
        caller.send("POST", "trades", trade(), idempotency_key="k")
        statuses.append(caller.response.status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(statuses) == 8 and set(statuses) <= {201, 409} and 201 in statuses
    assert Trade.objects.count() == 1 and bot.get("events")["head"] == 2
