"""Answers are compressed as the client asks, and a compressed one is known again by its ETag."""

import gzip
from collections.abc import Callable

import brotli
import pytest
from rest_framework.test import APIClient

from dashboard.models import Account
from tests.api.samples import trade


@pytest.fixture
def bot(account: Account, make_key: Callable[..., str], api: Callable[[str | None], APIClient]) -> APIClient:
    client = api(make_key(account))
    assert client.post("/api/trades", [trade(trade_id=f"t-{n}") for n in range(20)], format="json").status_code == 200
    return client


@pytest.mark.parametrize(
    ("asked", "coding"),
    [("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
def test_the_coding_is_the_best_that_is_asked_for(bot: APIClient, asked: str, coding: str | None) -> None:
    plain = bot.get("/api/trades").content
    answer = bot.get("/api/trades", headers={"Accept-Encoding": asked})
    assert answer.headers.get("Content-Encoding") == coding
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[coding]
    assert len(unpack(answer.content)) == len(plain)
    if coding:
        assert len(answer.content) < len(plain) / 3
        assert "accept-encoding" in answer["Vary"].lower()
        assert int(answer["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_compressed_answer_is_known_again(bot: APIClient, coding: str) -> None:
    headers = {"Accept-Encoding": coding}
    etag = bot.get("/api/trades", headers=headers)["ETag"]
    assert etag.startswith("W/")
    again = bot.get("/api/trades", headers={**headers, "If-None-Match": etag})
    assert (again.status_code, again.content, "Content-Encoding" in again) == (304, b"", False)


def test_the_length_of_a_compressed_answer_tells_little_of_its_content(bot: APIClient) -> None:
    """Against BREACH: the same answer has many lengths on the wire."""
    sizes = {len(bot.get("/api/trades", headers={"Accept-Encoding": "br"})["X-Noise"]) for _ in range(20)}
    assert len(sizes) > 5


def test_what_is_compressed_already_is_left(bot: APIClient) -> None:
    answer = bot.get("/api/export/trades?format=xlsx", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in answer
    assert b"".join(answer.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
