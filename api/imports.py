"""Importing files: what they hold is judged by the descriptions of the API and recorded by the same services."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext
from rest_framework.exceptions import APIException

from api.fields import Double, Exact, Items, Json, Texts, Whole, optional, refuse
from api.inputs import CandleRow, StrategyInput, TradeInput
from api.parsers import strict_loads
from dashboard.fields import OutOfRange, round_exact
from dashboard.importers.files import BadFile, BadRow
from dashboard.importers.freqtrade import Backtest
from dashboard.models import ImportRun, Strategy
from dashboard.services.market import candles_record
from dashboard.services.outcome import CONFLICT, CREATED, DUPLICATE, INVALID, STALE, UPDATED
from dashboard.services.strategies import strategies_record
from dashboard.services.trades import trades_record

TRADES_CHUNK, CANDLES_CHUNK = 500, 1_000
KEPT_REASONS = 100
FIRST_ROWS = 10
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,200})?", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
REAL = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
Row = TypeVar("Row")


@dataclass
class Report:
    """What became of the rows of one file."""

    file: str
    created: int = 0
    updated: int = 0
    skipped: int = 0  # nothing new
    stale: int = 0  # what is stored is newer
    rounded: int = 0  # numbers with more than 18 decimals
    rejected: list[tuple[str, str]] = field(default_factory=list)  # row and reason
    error: str | None = None  # why the rest of the file was not read
    first: list[dict[str, Any]] = field(default_factory=list)  # rows as they were read

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.skipped + self.stale + len(self.rejected)

    def kept(self) -> dict[str, Any]:
        """The report as it is stored: its first rejections and the number of all."""
        found = asdict(replace(self, rejected=self.rejected[:KEPT_REASONS], first=[]))
        del found["first"]
        return {**found, "rejected_count": len(self.rejected)}

    def show(self, row: dict[str, Any]) -> None:
        if len(self.first) < FIRST_ROWS:
            self.first.append(row)


class ImportedTrade(TradeInput):
    """A trade from a file may also say the stop it began with."""

    initial_stop_loss = optional(Exact, positive=True)


COLUMNS = ImportedTrade().readers
NEEDED = ImportedTrade().needed


class Real(Double):
    """A double in any notation that programs write into files."""

    def to_internal_value(self, data: Any) -> float:  # type: ignore[override]
        value = float(data) if REAL.fullmatch(data) else math.nan
        if not math.isfinite(value):
            refuse(gettext("Must be a finite number."))
        if value < 0 or (self.positive and value == 0):
            refuse(
                gettext("Must be greater than 0.")
                if self.positive
                else gettext("Must be {least} or more.").format(least=0)
            )
        return value


class ImportedCandle(CandleRow):
    open = Real(positive=True)
    high = Real(positive=True)
    low = Real(positive=True)
    close = Real(positive=True)
    volume = Real(floor=0)


@contextmanager
def chunk_of(run: ImportRun) -> Iterator[ImportRun | None]:
    """What chunks are recorded for. Where that is a run that is not stored, nothing of them stays."""
    if not run._state.adding:
        yield run
        return
    with transaction.atomic():
        yield None
        transaction.set_rollback(True)


def import_backtests(run: ImportRun, backtests: Sequence[Backtest], report: Report) -> Iterator[int]:
    """Record freqtrade's results; yield the rows done so far after each chunk. Raises BadFile."""
    currency = run.account.base_currency
    for backtest in backtests:
        if backtest.currency not in (None, currency):
            raise BadFile(
                gettext(
                    "is in {found} but the account {account} is in {wanted}; make an account with --currency {found}"
                ).format(found=backtest.currency, account=run.account, wanted=currency)
            )
    for backtest in backtests:
        settle_capital(run, backtest)
        yield from import_trades(run, backtest.rows(), report)


def settle_capital(run: ImportRun, backtest: Backtest) -> None:
    """The balance the backtest began with is the strategy's capital, unless it has one."""
    known = Strategy.objects.filter(account=run.account, name=backtest.strategy).first()
    if known is not None and (known.allocated_capital is not None or backtest.starting_balance is None):
        return
    balance = None if backtest.starting_balance is None else round_exact(backtest.starting_balance)
    clean, errors = StrategyInput().read({"name": backtest.strategy, "allocated_capital": balance})
    if errors:
        raise BadFile(gettext("strategy {name}: {error}").format(name=backtest.strategy, error=reasons(errors)))
    with chunk_of(run):
        strategies_record(account=run.account, items=[clean], now=run.created_at)


def import_trades(run: ImportRun, rows: Iterable[tuple[str, dict[str, Any] | BadRow]], report: Report) -> Iterator[int]:
    """Record trades in chunks of 500, each its own transaction; yield the rows done so far after each."""
    reader = ImportedTrade()
    reader.now = run.created_at
    made: set[str] = set()
    for chunk in chunks(rows, TRADES_CHUNK):
        names, items = [], []
        for name, raw in chunk:
            if isinstance(raw, BadRow):
                report.rejected.append((name, str(raw)))
                continue
            report.show(raw)
            counter = Rounding()
            clean, errors = reader.read(counter.apply(raw))
            if errors:
                report.rejected.append((name, reasons(errors)))
                continue
            report.rounded += counter.count
            names.append(name)
            items.append(clean)
        with chunk_of(run) as stored:
            outcomes = trades_record(account=run.account, items=items, now=run.created_at, import_run=stored)
        for name, item, outcome in zip(names, items, outcomes, strict=True):
            if outcome.status in (INVALID, CONFLICT):
                report.rejected.append((name, reasons(outcome.errors)))
            # A trade that comes back chunks later was not kept where nothing is.
            again = outcome.status == CREATED and item["trade_id"] in made
            made.add(item["trade_id"])
            report.created += outcome.status == CREATED and not again
            report.updated += outcome.status == UPDATED or again
            report.skipped += outcome.status == DUPLICATE
            report.stale += outcome.status == STALE
        yield report.rows


def import_csv(run: ImportRun, rows: Iterable[tuple[str, dict[str, str] | BadRow]], report: Report) -> Iterator[int]:
    """Record trades whose fields are the texts of CSV cells; otherwise as import_trades."""
    read = ((name, row if isinstance(row, BadRow) else from_cells(row)) for name, row in rows)
    return import_trades(run, read, report)


def from_cells(cells: dict[str, str]) -> dict[str, Any] | BadRow:
    values = {}
    for column, text in cells.items():
        try:
            values[column] = from_cell(COLUMNS[column], text)
        except APIException as error:
            return BadRow(f"{column}: {error.detail}")
    return values


def from_cell(reader: Any, text: str) -> Any:
    """The JSON value that a cell stands for; text that stands for none is left for the field to refuse."""
    if isinstance(reader, Exact) and PLAIN.fullmatch(text):
        return Decimal(text)
    if isinstance(reader, Whole) and WHOLE.fullmatch(text):
        return int(text)
    if isinstance(reader, Items | Json) or (isinstance(reader, Texts) and text.startswith("[")):
        return strict_loads(text.encode())
    return text.split() if isinstance(reader, Texts) else text


def import_candles(
    run: ImportRun,
    rows: Iterable[tuple[str, list[str] | BadRow]],
    report: Report,
    *,
    symbol: str,
    exchange: str,
    timeframe: str,
) -> Iterator[int]:
    """Record candles in chunks of 1,000, each its own transaction; yield the rows done so far after each."""
    reader = ImportedCandle()
    reader.now = run.created_at
    names = list(reader.readers)
    for chunk in chunks(rows, CANDLES_CHUNK):
        candles = []
        for row, cells in chunk:
            if isinstance(cells, BadRow):
                report.rejected.append((row, str(cells)))
                continue
            values = dict(zip(names, cells, strict=True))
            report.show(values)
            clean, errors = reader.read(values)
            if errors:
                report.rejected.append((row, reasons(errors)))
            else:
                candles.append(tuple(clean[name] for name in names))
        with chunk_of(run) as stored:
            done = candles_record(
                account=run.account,
                symbol=symbol,
                exchange=exchange,
                timeframe=timeframe,
                candles=candles,
                import_run=stored,
            )
        report.created += done["created"]
        report.updated += done["updated"]
        report.skipped += done["duplicate"]
        yield report.rows


class Rounding:
    """Rounds numbers with more than 18 decimals half-even, wherever they stand, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def apply(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.apply(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.apply(inner) for inner in value]
        if not isinstance(value, Decimal):
            return value
        try:
            found = round_exact(value)
        except OutOfRange:
            return value  # the field says so
        self.count += found != value
        return found


def chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def reasons(errors: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {' '.join(map(str, messages))}" for name, messages in errors.items())
