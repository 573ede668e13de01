"""Exact decimals: every digit through model, database, API and events, in order, and no arithmetic in SQL."""

import json
import operator
import os
import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, NotSupportedError, connection, models, transaction
from django.db.models import Avg, ExpressionWrapper, F, Max, Min, Sum
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dashboard.fields import (
    EXACT,
    LIMIT,
    ExactDecimalField,
    OutOfRange,
    check_exact,
    decode,
    dumps,
    encode,
    plain,
    round_exact,
)
from dashboard.models import Account, CashFlow, Trade
from tests.api.conftest import Caller, with_key
from tests.api.samples import flow

COUNT = int(os.environ.get("BOTV2_DECIMALS", "10000"))
UNITS = 10**36 - 1
LARGEST = Decimal(UNITS).scaleb(-18, context=EXACT)
SMALLEST = Decimal(1).scaleb(-18)
exact = st.integers(-UNITS, UNITS).map(lambda units: Decimal(units).scaleb(-18, context=EXACT))


@pytest.fixture(scope="module")
def numbers() -> list[Decimal]:
    """Random values of every length before and after the point, both signs, and the edges."""
    dice = random.Random(18)
    found = [Decimal(0), SMALLEST, -SMALLEST, LARGEST, LARGEST.copy_negate()]
    while len(found) < COUNT:
        whole, part = dice.randrange(10 ** dice.randint(0, 18)), dice.randint(0, 18)
        tail = f".{dice.randrange(10**part):0{part}d}" if part else ""
        found.append(Decimal(f"{dice.choice(['', '-'])}{whole}{tail}"))
    return found


@pytest.fixture
def bot(account: Account, make_key: Callable[..., str]) -> Caller:
    return Caller(with_key(make_key(account)))


@pytest.fixture
def stored(account: Account, numbers: list[Decimal]) -> list[Decimal]:
    rows = [
        CashFlow(account=account, flow_id=str(index), timestamp=timezone.now(), amount=value, kind="adjustment")
        for index, value in enumerate(numbers)
    ]
    CashFlow.objects.bulk_create(rows, batch_size=2000)
    return numbers


@given(exact, exact)
def test_text_has_the_order_of_the_numbers(left: Decimal, right: Decimal) -> None:
    assert decode(encode(left)) == left and len(encode(left)) == 37
    assert (encode(left) < encode(right)) == (left < right)
    assert (encode(left) == encode(right)) == (left == right)


@given(exact)
def test_plain_notation_is_exact_and_bare(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value == check_exact(value)
    assert "e" not in text.lower() and (("." not in text) or text[-1] not in "0.") and text != "-0"
    assert dumps([value]) == f"[{text}]".encode()


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "sNaN", "1e18", "-1e18", "1e-19", "0." + "0" * 18 + "1", "9" * 19]
)
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(OutOfRange):
        check_exact(Decimal(text))
    with pytest.raises(ValidationError):
        ExactDecimalField().clean(Decimal(text), None)
    with pytest.raises(OutOfRange):
        ExactDecimalField().get_db_prep_save(Decimal(text), connection)


def test_rounding_is_half_to_even_and_never_beyond_the_limit() -> None:
    half = Decimal("0.0000000000000000005")
    assert round_exact(half) == 0 and round_exact(half * 3) == Decimal("0.000000000000000002")
    assert round_exact(LARGEST) == LARGEST == check_exact(LARGEST)
    for value in (LIMIT, EXACT.subtract(LIMIT, half), -LIMIT):
        with pytest.raises(OutOfRange):
            round_exact(value)


@pytest.mark.parametrize("value", [1.5, "abc", "1,5", object()])
def test_what_is_no_exact_number_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        ExactDecimalField().to_python(value)


@pytest.mark.django_db
def test_ten_thousand_values_come_back(stored: list[Decimal], account: Account) -> None:
    found = {int(name): value for name, value in CashFlow.objects.values_list("flow_id", "amount")}
    assert [found[index] for index in range(COUNT)] == stored
    assert [plain(found[index]) for index in range(COUNT)] == [plain(value) for value in stored]
    row = CashFlow.objects.get(flow_id="3")
    row.refresh_from_db()
    row.save()
    assert CashFlow.objects.get(flow_id="3").amount == LARGEST


@pytest.mark.django_db
def test_order_ranges_and_equality_are_pythons(stored: list[Decimal]) -> None:
    assert list(CashFlow.objects.order_by("amount").values_list("amount", flat=True)) == sorted(stored)
    edges = CashFlow.objects.aggregate(low=Min("amount"), high=Max("amount"))
    assert (edges["low"], edges["high"]) == (min(stored), max(stored))
    for pivot in [*stored[:40], Decimal("0.5"), Decimal("-12345.000000000000000001")]:
        for lookup, holds in {
            "gt": partial(operator.lt, pivot),
            "gte": partial(operator.le, pivot),
            "lt": partial(operator.gt, pivot),
            "lte": partial(operator.ge, pivot),
            "exact": partial(operator.eq, pivot),
        }.items():
            assert CashFlow.objects.filter(**{f"amount__{lookup}": pivot}).count() == sum(map(holds, stored)), (
                lookup,
                pivot,
            )
    sample = stored[100:140]
    assert CashFlow.objects.filter(amount__in=sample).count() == sum(value in set(sample) for value in stored)
    low, high = sorted(stored[50:52])
    assert CashFlow.objects.filter(amount__range=(low, high)).count() == sum(low <= value <= high for value in stored)


@pytest.mark.django_db
def test_through_the_api_and_the_events(bot: Caller, numbers: list[Decimal]) -> None:
    """As JSON numbers and as texts, in batches; out again by the list, the log and the single row."""
    values = {f"f{index}": value for index, value in enumerate(numbers) if value}
    bodies = [
        flow(flow_id=name, kind="adjustment", amount=plain(value) if int(name[1:]) % 2 else value)
        for name, value in values.items()
    ]
    for start in range(0, len(bodies), 500):
        part = bodies[start : start + 500]
        assert bot.post("cashflows", part)["summary"]["created"] == len(part)
    assert dict(CashFlow.objects.values_list("flow_id", "amount")) == values
    seen: dict[str, Decimal] = {}
    last = 0
    while page := bot.get(f"events?since={last}&limit=1000")["events"]:
        seen.update({event["d"]["flow_id"]: Decimal(event["d"]["amount"]) for event in page})
        last = page[-1]["s"]
    assert seen == values
    row = bot.post("cashflows", bodies[2], status=200)
    assert row["status"] == "duplicate" and Decimal(row["item"]["amount"]) == values["f3"]
    assert plain(values["f3"]).encode() in bot.response.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "calculate",
    [
        lambda rows: rows.aggregate(Sum("amount")),
        lambda rows: rows.aggregate(Avg("amount")),
        lambda rows: list(rows.annotate(x=F("amount") + 1).values_list("x")),
        lambda rows: list(rows.annotate(x=F("amount") * F("amount")).values_list("x")),
        lambda rows: list(
            rows.annotate(x=ExpressionWrapper(F("amount") + 1, output_field=ExactDecimalField())).values_list("x")
        ),
        lambda rows: rows.update(amount=F("amount") + Decimal("0.1")),
        lambda rows: rows.update(amount=F("amount") * 2),
        lambda rows: list(rows.filter(amount__gt=F("amount") - 1)),
    ],
)
def test_sql_does_not_calculate(account: Account, calculate: Callable[[models.QuerySet[CashFlow]], Any]) -> None:
    """On SQLite it would pass through REAL without a word; there every way raises and leaves the rows as they were."""
    value = Decimal("123456789012345678.000000000000000001")
    CashFlow.objects.create(account=account, flow_id="a", timestamp=timezone.now(), amount=value, kind="adjustment")
    if connection.vendor == "sqlite":
        with pytest.raises((NotSupportedError, IntegrityError)), transaction.atomic():
            calculate(CashFlow.objects.all())
        assert CashFlow.objects.get().amount == value


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="numeric(36, 18) takes numbers alone by itself")
@pytest.mark.parametrize("literal", ["1.5", "5", "'5'", "'1' || '0'", "x'00'"])
def test_sqlite_stores_nothing_else(account: Account, literal: str) -> None:
    CashFlow.objects.create(account=account, flow_id="a", timestamp=timezone.now(), amount=1, kind="adjustment")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE dashboard_cashflow SET amount = {literal}")


def test_every_money_column_is_exact() -> None:
    for model in (Account, CashFlow, Trade):
        for column in model._meta.concrete_fields:
            assert not isinstance(column, models.DecimalField) and not isinstance(column, models.FloatField), column


LEAVES = st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.sampled_from(["1e-7", '"1e-7', '\\"2e+20'])


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_doubles_are_written_without_exponent_and_texts_as_they_are(value: Any) -> None:
    def read(number: str) -> float:
        assert "e" not in number
        return float(number)

    assert json.loads(dumps(value), parse_float=read, parse_int=read) == value
