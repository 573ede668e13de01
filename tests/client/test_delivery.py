"""What the client does with each answer: batches, order, patience, dead letters."""

import json
from itertools import pairwise

import httpx
import pytest

from tests.client.conftest import MakeClient, open_trade, wait_until
from tests.client.fake import FakeBotV2, breaks, says


def test_reports_of_a_kind_travel_together_in_order(fake: FakeBotV2, make_client: MakeClient) -> None:
    fake.always = breaks
    client = make_client(fake)
    for number in range(700):
        open_trade(client, f"t-{number}")
        client.snapshot(10_000 + number)
    refused = len(fake.requests)
    fake.always = None
    assert client.flush(30)
    assert [item["trade_id"] for item in fake.items("trades")[-700:]] == [f"t-{number}" for number in range(700)]
    assert len(fake.items("portfolio")) >= 700
    assert max(len(body) for body in fake.bodies("trades")) <= 500
    assert len(fake.requests) - refused < 40


def test_no_body_is_larger_than_the_server_takes(fake: FakeBotV2, make_client: MakeClient) -> None:
    client = make_client(fake)
    for number in range(60):
        open_trade(client, f"t-{number}", extra={"note": "x" * 50_000})
    assert client.flush(30)
    assert {item["trade_id"] for item in fake.items("trades")} == {f"t-{number}" for number in range(60)}
    assert client.stats().sent == 60


def test_an_alert_never_overtakes_the_trade_it_names(fake: FakeBotV2, make_client: MakeClient) -> None:
    fake.always = breaks
    client = make_client(fake)
    for number in range(3):
        client.alert("slippage", trade_id=None if number == 0 else f"t-{number}")
        open_trade(client, f"t-{number + 1}")
    fake.always = None
    assert client.flush(30)
    known: set[str] = set()
    for _, path, body in fake.requests:
        known |= {item["trade_id"] for item in body} if path == "trades" else set()
        assert path != "alerts" or {item["trade_id"] for item in body if "trade_id" in item} <= known


def test_refused_items_are_dead_letters_and_the_rest_arrives(fake: FakeBotV2, make_client: MakeClient) -> None:
    fake.refuses = lambda item: item["trade_id"] in ("t-3", "t-7")
    client = make_client(fake)
    for number in range(10):
        open_trade(client, f"t-{number}")
    assert client.flush(30)
    stats = client.stats()
    assert (stats.sent, stats.refused, stats.dead, stats.queued) == (8, 2, 2, 0)
    newest = client.dead_letters()[0]
    assert newest.kind == "trade" and newest.retriable
    assert newest.error == "size: Must be greater than 0."
    assert json.loads(newest.body)["trade_id"] == "t-7"
    fake.refuses = lambda item: False
    assert client.retry_dead([newest.id]) == 1
    assert client.flush(30)
    assert [json.loads(letter.body)["trade_id"] for letter in client.dead_letters()] == ["t-3"]
    assert client.retry_dead() == 1
    assert client.flush(30)
    assert client.stats().dead == 0
    assert [item["trade_id"] for item in fake.items("trades")[-2:]] == ["t-7", "t-3"]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_refused_is_narrowed_to_its_bad_item(
    fake: FakeBotV2, make_client: MakeClient, status: int
) -> None:
    def judge(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if any(item["trade_id"] == "t-33" for item in body):
            return says(status, "The body is nested deeper than 20 levels.")(request)
        items = [{"index": index, "status": "created", "errors": {}} for index in range(len(body))]
        return httpx.Response(200, json={"success": True, "data": {"items": items}})

    fake.script.append(breaks)
    fake.always = judge
    client = make_client(fake)
    for number in range(100):
        open_trade(client, f"t-{number}")
    assert client.flush(30)
    assert client.stats().sent == 99
    (letter,) = client.dead_letters()
    assert json.loads(letter.body)["trade_id"] == "t-33"
    assert letter.error == f"{status} The body is nested deeper than 20 levels."


def test_one_bad_candle_does_not_keep_the_others_back(fake: FakeBotV2, make_client: MakeClient) -> None:
    def judge(request: httpx.Request) -> httpx.Response:
        bad = any(row[1] == 0 for row in json.loads(request.content)["candles"])
        return says(400)(request) if bad else httpx.Response(200, json={"success": True, "data": {}})

    fake.always = judge
    client = make_client(fake)
    minutes = [f"2026-01-01T00:{minute:02}:00Z" for minute in range(60)]
    assert client.candles("BTC/USDT", "1m", [[at, int(at[14:16]), 2, 1, 1, 5] for at in minutes])
    assert client.flush(30)
    assert client.stats().sent == 59
    assert [json.loads(letter.body)[0] for letter in client.dead_letters()] == ["2026-01-01T00:00:00Z"]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_and_nothing_is_lost(fake: FakeBotV2, make_client: MakeClient, status: int) -> None:
    fake.script += [says(status, Retry_After="1"), says(status, Retry_After="1")]
    client = make_client(fake)
    open_trade(client, "t-1")
    assert client.flush(30)  # somebody who waits does not make it come sooner
    times = [at for at, _, _ in fake.requests]
    assert len(times) == 3
    assert all(later - sooner >= 1.0 for sooner, later in pairwise(times))
    assert client.stats().sent == 1


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405])
def test_what_somebody_has_to_put_right_keeps_everything(
    fake: FakeBotV2, make_client: MakeClient, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    fake.always = says(status, "This key is unknown, expired or revoked.")
    client = make_client(fake)
    open_trade(client, "t-1")
    wait_until(lambda: fake.requests)
    for number in range(20):
        client.snapshot(number)
    wait_until(lambda: client.stats().last_error)
    stats = client.stats()
    assert len(fake.requests) == 1
    assert (stats.sent, stats.dead, stats.queued) == (0, 0, 21)
    assert str(status) in (stats.last_error or "")
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert "bv2_fake" not in caplog.text + repr(client)
    fake.always = None
    assert client.flush(30)
    assert client.stats().sent == 21


@pytest.mark.parametrize(
    "page",
    [
        httpx.Response(200, html="<h1>Please sign in to the hotel's network</h1>"),
        httpx.Response(200, json={"success": True, "data": {"items": []}}),
        httpx.Response(204),
    ],
)
def test_a_success_that_is_not_ours_settles_nothing(
    fake: FakeBotV2, make_client: MakeClient, page: httpx.Response
) -> None:
    fake.script.append(lambda request: page)
    client = make_client(fake)
    open_trade(client, "t-1")
    wait_until(lambda: client.stats().failures == 1)
    assert client.stats().queued == 1
    assert client.flush(30)
    assert client.stats().sent == 1


def test_neither_does_it_settle_a_candle(fake: FakeBotV2, make_client: MakeClient) -> None:
    fake.script.append(lambda request: httpx.Response(200, html="<h1>Please sign in</h1>"))
    client = make_client(fake)
    client.candle("BTC/USDT", "1m", "2026-01-01T00:00:00Z", 1, 1, 1, 1, 1)
    wait_until(lambda: client.stats().failures == 1)
    assert client.flush(30)
    assert len(fake.bodies("market/BTC/USDT/ohlcv")) == 2


def test_a_report_that_breaks_the_server_does_not_keep_the_others_back(
    fake: FakeBotV2, make_client: MakeClient
) -> None:
    def judge(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if any(item["trade_id"] == "t-1" for item in body):
            return says(500)(request)
        items = [{"index": index, "status": "created", "errors": {}} for index in range(len(body))]
        return httpx.Response(200, json={"success": True, "data": {"items": items}})

    fake.always = judge
    client = make_client(fake)
    for number in range(4):
        open_trade(client, f"t-{number}")
    assert client.flush(60)
    assert client.stats().sent == 3
    assert [json.loads(letter.body)["trade_id"] for letter in client.dead_letters()] == ["t-1"]
