"""Random histories against a model of ten lines: what is stored, what the log says and what a client knows agree.

`BOTV2_SEQUENCES=2000 BOTV2_STEPS=50` is the long form of the torture suite.
"""

import os
import uuid
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from dashboard.models import Account, Membership
from dashboard.services.keys import key_create, key_revoke
from realtime import log
from tests.api.conftest import Caller, with_key
from tests.api.samples import closed, trade
from tests.conftest import member

SEQUENCES, STEPS = int(os.environ.get("BOTV2_SEQUENCES", "12")), int(os.environ.get("BOTV2_STEPS", "30"))
RANK = {"open": 1, "closed": 2}
names = st.sampled_from(["a", "b", "c", "d"])
statuses = st.sampled_from(sorted(RANK))
sizes = st.integers(1, 3).map(str)


class Client:
    """What a program knows that follows the log by its numbers, over any reset."""

    def __init__(self) -> None:
        self.epoch, self.seq = "", -1
        self.rows: dict[str, str] = {}

    def follow(self, bot: Caller) -> None:
        while True:
            page = bot.get(f"events?since={max(self.seq, 0)}&limit=7")
            if page["epoch"] != self.epoch or self.seq < page["floor"] - 1:
                self.begin(bot)
                continue
            for event in page["events"]:
                assert event["s"] == self.seq + 1, f"{event['s']} after {self.seq}"
                self.seq = event["s"]
                self.take(event)
            if self.seq >= page["head"]:
                return

    def begin(self, bot: Caller) -> None:
        snapshot = bot.get("snapshot")
        self.epoch, self.seq = snapshot["epoch"], snapshot["seq"]
        self.rows = told(bot)

    def take(self, event: dict[str, Any]) -> None:
        if event["type"] != "trade_executed":
            return
        row = event["d"]
        if row["change"] == "deleted":
            self.rows.pop(row["trade_id"], None)
        else:
            self.rows[row["trade_id"]] = known(row)


def known(row: dict[str, Any]) -> str:
    return f"{row['status']} {row['size']} rev {row['rev']}"


def told(bot: Caller) -> dict[str, str]:
    return {row["trade_id"]: known(row) for row in bot.get("trades?limit=1000")["trades"]}


class History(RuleBasedStateMachine):
    """Bots report, repeat and disorder; owners delete; the log is purged, restored, and keys are revoked."""

    @initialize()
    def begin(self) -> None:
        name = uuid.uuid4().hex[:12]
        self.account = Account.objects.create(slug=f"m-{name}", name="Model")
        self.new_key()
        self.hand = Caller(APIClient())
        self.hand.client.force_login(member(self.account, Membership.Role.OWNER, f"owner-{name}"))
        self.client = Client()
        self.model: dict[str, tuple[str, str, int]] = {}  # status, size, rev
        self.gone: dict[str, int] = {}
        self.last: dict[str, Any] | None = None

    def new_key(self) -> None:
        self.key, token = key_create(account=self.account, scopes=["read", "ingest"], now=timezone.now())
        self.bot = Caller(with_key(token))

    def expected(self, name: str, status: str, size: str, rev: int | None) -> str:
        """What the contract says of this report, and the model after it."""
        stored, deleted = self.model.get(name), self.gone.get(name)
        if deleted is not None and (rev is None or rev <= deleted):
            return "stale"
        if stored is None:
            self.model[name] = (status, size, 1 if rev is None else rev)
            self.gone.pop(name, None)
            return "created"
        same = stored[:2] == (status, size)
        if rev is None:
            if RANK[status] < RANK[stored[0]]:
                return "stale"
            if same:
                return "duplicate"
            rev = stored[2] + 1
        elif rev < stored[2]:
            return "stale"
        elif rev == stored[2]:
            return "duplicate" if same else "conflict"
        self.model[name] = (status, size, rev)
        return "updated"

    @rule(name=names, status=statuses, size=sizes, rev=st.none() | st.integers(1, 6))
    def report(self, name: str, status: str, size: str, rev: int | None) -> None:
        body = (closed if status == "closed" else trade)(trade_id=name, size=size, rev=rev)
        stored = self.model.get(name)
        if stored is not None and stored[0] == "closed" and status == "open" and rev is not None and rev > stored[2]:
            return  # a newer version that opens a closed trade keeps its exit, which the model does not hold
        wanted = self.expected(name, status, size, rev)
        answer = self.bot.post("trades", [body])["items"][0]
        assert answer["status"] == wanted, (answer, wanted)
        self.last = body

    @rule()
    def repeat(self) -> None:
        """A reply was lost: the same report again changes nothing."""
        if self.last is None:
            return
        before = log.position(self.account.stream_key).head
        answer = self.bot.post("trades", [self.last])["items"][0]
        assert answer["status"] in {"duplicate", "stale", "conflict"}
        assert log.position(self.account.stream_key).head == before

    @rule(name=names)
    def report_beside_nonsense(self, name: str) -> None:
        """What is wrong with one item of a list does not touch the others."""
        wanted = self.expected(name, "closed", "2", None)
        answer = self.bot.post("trades", [trade(trade_id="x", size="-1"), closed(trade_id=name, size="2")])["items"]
        assert [item["status"] for item in answer] == ["invalid", wanted]
        assert "size" in answer[0]["errors"]

    @rule(name=names)
    def delete(self, name: str) -> None:
        if name not in self.model:
            return
        number = self.bot.get(f"trades?trade_id={name}")["trades"][0]["id"]
        self.hand.send("DELETE", f"trades/{number}")
        assert self.hand.response.status_code == 204
        self.gone[name] = self.model.pop(name)[2]

    @rule()
    def look(self) -> None:
        self.client.follow(self.bot)

    @rule()
    def forget_the_beginning(self) -> None:
        """The log is purged up to its head: who was away must begin anew."""
        stream = log.Stream.objects.get(key=self.account.stream_key)
        stream.events.all().delete()
        log.Stream.objects.filter(pk=stream.pk).update(floor=stream.head + 1)

    @rule()
    def restore(self) -> None:
        log.change_epoch(self.account.stream_key)

    @rule()
    def revoke(self) -> None:
        key_revoke(self.key, now=timezone.now())
        self.bot.refused(401, "POST", "trades", [trade()])
        self.new_key()

    @invariant()
    def stored_is_the_model(self) -> None:
        if hasattr(self, "model"):
            wanted = {name: f"{status} {size} rev {rev}" for name, (status, size, rev) in self.model.items()}
            assert told(self.bot) == wanted

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.follow(self.bot)
            assert self.client.rows == told(self.bot)


@pytest.mark.django_db
def test_what_is_stored_logged_and_known_agrees(settings: Any) -> None:
    settings.THROTTLE_READ = settings.THROTTLE_INGEST = (1e6, 10**7)
    run_state_machine_as_test(History, settings=BOUNDS)


BOUNDS = settings(
    max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
)
