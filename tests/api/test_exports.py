"""Exports: whole tables as CSV, JSON and Excel files that any program and any spreadsheet may open."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from api import exports
from api.slots import Slots
from dashboard.exports import formats, tables
from dashboard.models import Account, AuditEntry, Strategy, StrategyPerformance, Trade
from tests.api.conftest import Caller
from tests.api.samples import annotation, closed, portfolio, position, trade

pytestmark = pytest.mark.django_db
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NAMES = ("trades", "portfolio", "performance", "annotations")
KEY_AND_AUDIT = 6  # queries


def fetch(caller: Caller, path: str) -> bytes:
    response: Any = caller.client.get(f"/api/export/{path}")
    caller.response = response
    assert response.status_code == 200, response.content
    content: bytes = b"".join(response.streaming_content)
    return content


def as_json(caller: Caller, name: str, query: str = "") -> list[dict[str, Any]]:
    found = json.loads(fetch(caller, f"{name}?format=json&{query}"), parse_float=Decimal)
    assert list(found) == [name]
    rows: list[dict[str, Any]] = found[name]
    return rows


def as_csv(caller: Caller, name: str, query: str = "") -> list[dict[str, str]]:
    content = fetch(caller, f"{name}?format=csv&{query}")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def as_sheet(caller: Caller, name: str, query: str = "") -> list[dict[str, str | float]]:
    """The cells by column; text is str and a number is float."""
    with zipfile.ZipFile(io.BytesIO(fetch(caller, f"{name}?format=xlsx&{query}"))) as book:
        assert book.testzip() is None
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not list(tree.iter(f"{SHEET}f")), "a formula"
    rows = [[cell_of(cell) for cell in row] for row in tree.iter(f"{SHEET}row")]
    names = dict(rows[0])
    return [{str(names[place]): value for place, value in row} for row in rows[1:]]


def cell_of(cell: ElementTree.Element) -> tuple[str, str | float]:
    place = cell.attrib["r"].rstrip("0123456789")
    if cell.get("t") == "inlineStr":
        return place, "".join(text.text or "" for text in cell.iter(f"{SHEET}t"))
    return place, float(cell.findtext(f"{SHEET}v") or "")


@pytest.fixture
def rows(bot: Caller, account: Account) -> None:
    """Some of everything that can be exported."""
    bot.post("trades", [trade(trade_id="t-1", strategy="Trend"), closed(trade_id="t-2", tags=["a"], strategy="Mean")])
    bot.post("portfolio", [portfolio(positions=[position()]), portfolio(timestamp="2026-01-01T10:00:00Z")])
    bot.post("annotations", annotation())
    for strategy in Strategy.objects.all():
        for period in ("daily", "weekly"):
            StrategyPerformance.objects.create(
                strategy=strategy, period=period, timestamp="2026-01-01T00:00:00Z", return_pct=-0.1, net_pnl=Decimal(7)
            )


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_a_file(bot: Caller, name: str, form: str) -> None:
    assert fetch(bot, f"{name}?format={form}")
    got = dict(bot.response.headers)
    assert (got["Content-Type"], got["Cache-Control"]) == (TYPES[form], "no-store")
    assert got["Content-Disposition"] == f'attachment; filename="main-{name}-{timezone.now():%Y-%m-%d}.{form}"'
    head = bot.client.head(f"/api/export/{name}?format={form}")
    assert head.status_code == 200 and b"".join(head.streaming_content) == b""  # type: ignore[attr-defined]
    assert {**dict(head.headers), "X-Request-Id": got["X-Request-Id"]} == got


@pytest.mark.usefixtures("rows")
def test_rows_are_those_of_the_api(bot: Caller) -> None:
    listed = bot.get("trades?ordering=id")["trades"]
    assert as_json(bot, "trades") == listed and len(listed) == 2
    assert as_json(bot, "portfolio") == bot.get("portfolio/history")["snapshots"][::-1]
    assert as_json(bot, "annotations") == bot.get(f"annotations/{annotation()['chart_id']}")["annotations"]
    assert {(row["strategy"], row["period"]) for row in as_json(bot, "performance")} == {
        ("Mean", "daily"), ("Mean", "weekly"), ("Trend", "daily"), ("Trend", "weekly"),
    }  # fmt: skip
    strategy = Strategy.objects.get(name="Trend")
    served = bot.get(f"strategies/{strategy.pk}/performance?period=daily")["performance"]
    found = as_json(bot, "performance", "strategy=Trend&period=daily")
    assert [{"strategy": "Trend", **row} for row in served] == found


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("name", NAMES)
def test_all_formats_hold_the_same(bot: Caller, name: str) -> None:
    found, lines, cells = as_json(bot, name), as_csv(bot, name), as_sheet(bot, name)
    assert found and len(found) == len(lines) == len(cells)
    for row, line, cell in zip(found, lines, cells, strict=True):
        assert list(line) == list(row)
        assert set(cell) == {key for key, value in row.items() if value is not None}
        for key, value in row.items():
            if isinstance(value, int | Decimal):
                assert Decimal(line[key]) == value and cell[key] == pytest.approx(float(value), rel=1e-14)
            elif isinstance(value, list | dict):
                assert json.loads(line[key], parse_float=Decimal) == value and cell[key] == line[key]
            else:
                assert line[key] == (value or "")


def test_what_is_empty_still_has_its_columns(bot: Caller, account: Account) -> None:
    for name in NAMES:
        content = fetch(bot, f"{name}?format=csv")
        assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n") and content.count(b"\n") == 1
        assert as_json(bot, name) == as_sheet(bot, name) == []
    bot.post("trades", trade())
    assert list(as_csv(bot, "trades")[0]) == list(bot.get("trades")["trades"][0])


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tplain", "=cmd|'/c calc'!A0", '"=1+1"', "'=1", ' "=1',
    "  =1", "＝1+1", "-", "＋1", "－1", "＠a", '=HYPERLINK("http://x","y")', "\u00a0=1", '""=1',
]  # fmt: skip
PLAIN = ["1-1", "a=b", "it's", '"quoted"', "x@y", "", "Zürich 東京 🚀", "line\nbreak", "a,b;c", "_x0041_", "\x01\x1f"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(bot: Caller, text: str) -> None:
    bot.post("trades", trade(exit_reason=text, tags=[text], extra={"note": text}))
    line, cell = as_csv(bot, "trades")[0], as_sheet(bot, "trades")[0]
    assert line["exit_reason"] == str(cell["exit_reason"]).replace("_x000D_", "\r") == f"'{text}"
    assert json.loads(line["tags"]) == [text] and as_json(bot, "trades")[0]["exit_reason"] == text


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_left_as_it_is(bot: Caller, text: str) -> None:
    bot.post("trades", trade(trade_id="t-1"))
    bot.send("PATCH", f"trades/{Trade.objects.get().pk}", {"notes": text})
    assert bot.response.status_code == 200
    assert as_csv(bot, "trades")[0]["notes"] == text
    shown = "".join(char if char >= " " or char == "\n" else f"_x{ord(char):04X}_" for char in text)
    assert as_sheet(bot, "trades")[0]["notes"] == shown.replace("_x0041_", "_x005F_x0041_")


@pytest.mark.parametrize("text", ["<r>&</r>", "<r><t>x</t></r>", "<b>&amp;</b>", "]]>", "\ufffe"])
def test_markup_in_a_text_does_not_break_a_workbook(bot: Caller, text: str) -> None:
    bot.post("trades", trade(exit_reason=text))
    assert str(as_sheet(bot, "trades")[0]["exit_reason"]).strip() in (text, "_xFFFE_")


def test_a_text_longer_than_a_cell_ends_with_a_mark(bot: Caller) -> None:
    fills = [
        {"fill_id": f"{n:0100}", "side": "buy", "price": "1", "size": "1", "fee": "1", "time": "2026-01-01T00:00:00Z"}
        for n in range(200)
    ]
    bot.post("trades", trade(fills=fills))
    whole = as_csv(bot, "trades")[0]["fills"]
    cut = str(as_sheet(bot, "trades")[0]["fills"])
    assert len(whole) > len(cut) == 32_767 and cut == whole[:32_766] + "…"


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("-1.5", True),
        ("123456789012345", True),
        ("0.000000000012345", True),
        ("1234567890123456", False),
        ("-123456789012345678.123456789012345678", False),
        ("100000000000000000", True),
    ],
)
def test_every_digit_of_a_number_is_kept(bot: Caller, value: str, typed: bool) -> None:
    bot.post("portfolio", portfolio(total_pnl=value))
    assert as_csv(bot, "portfolio")[0]["total_pnl"] == value
    assert f'"total_pnl":{value},' in fetch(bot, "portfolio?format=json").decode()
    cell = as_sheet(bot, "portfolio")[0]["total_pnl"]
    assert cell == (float(value) if typed else value)


def test_numbers_in_doubles_are_written_without_exponent(bot: Caller) -> None:
    bot.post("trades", closed(stop_loss="99.99999", entry_price="100", exit_price="100.0000000000001", size="1"))
    multiple = as_csv(bot, "trades")[0]["r_multiple"]
    assert "e" not in multiple.lower() and float(multiple) == float(as_json(bot, "trades")[0]["r_multiple"])


def test_moments_of_a_workbook_are_dates(bot: Caller) -> None:
    bot.post("trades", trade(entry_time="2026-01-01T12:00:00+06:00"))
    assert as_sheet(bot, "trades")[0]["entry_time"] == 46023.25
    assert as_csv(bot, "trades")[0]["entry_time"] == "2026-01-01T06:00:00Z"


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("name", "query", "count"),
    [
        ("trades", "status=open", 1),
        ("trades", "strategy=Trend&strategy=Mean", 2),
        ("trades", "tag=a", 1),
        ("trades", "search=T-2", 1),
        ("trades", "min_pnl=1000000", 0),
        ("portfolio", "start=2026-01-02T00:00:00Z", 1),
        ("portfolio", "end=2026-01-01T10:00:00Z", 1),
        ("performance", "strategy=Mean", 2),
        ("performance", "period=weekly", 2),
        ("performance", "start=2026-01-02T00:00:00Z", 0),
        ("performance", "end=2026-01-02T00:00:00Z", 4),
        ("annotations", "chart_id=nothing", 0),
        ("annotations", "account=main", 1),
    ],
)
def test_filters(bot: Caller, name: str, query: str, count: int) -> None:
    assert len(as_json(bot, name, query)) == count


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("trades?format=pdf", "format"),
        ("trades?format=", "format"),
        ("trades?format=csv&format=json", "format"),
        ("trades?status=lost", "status"),
        ("trades?limit=10", "limit"),
        ("trades?cursor=x", "cursor"),
        ("portfolio?symbol=X", "symbol"),
        ("portfolio?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"),
        ("performance?period=hourly", "period"),
        ("performance?start=yesterday", "start"),
        ("annotations?type=x", "type"),
    ],
)
def test_bad_parameters_are_named(bot: Caller, path: str, field: str) -> None:
    assert list(bot.refused(400, "GET", f"export/{path}")["fields"]) == [field]
    assert not AuditEntry.objects.filter(action__endswith=".export").exists()


def test_comma_separated_is_what_one_gets_without_a_format(bot: Caller) -> None:
    fetch(bot, "trades")
    assert bot.response["Content-Type"] == TYPES["csv"]
    fetch(bot, "trades?format=json")
    assert bot.client.get("/api/export/trades", HTTP_ACCEPT="text/html")["Content-Type"] == TYPES["csv"]


@pytest.mark.usefixtures("rows")
def test_nothing_of_another_account(program: Callable[..., Caller], other_account: Account) -> None:
    stranger = program(of=other_account)
    for name in NAMES:
        assert as_json(stranger, name) == [] and len(as_csv(stranger, name)) == 0
        stranger.refused(404, "GET", f"export/{name}?account=main")


@pytest.mark.usefixtures("rows")
def test_exports_stand_in_the_audit_log(person: Callable[[User], Caller], viewer: User) -> None:
    fetch(person(viewer), "trades?format=xlsx&symbol=BTC/USDT")
    person(viewer).client.head("/api/export/trades")
    entry = AuditEntry.objects.get(action__endswith=".export")
    assert (entry.action, entry.actor) == ("trades.export", "user:viewer")
    assert entry.target == f"main-trades-{timezone.now():%Y-%m-%d}.xlsx"
    assert entry.after == {"format": ["xlsx"], "symbol": ["BTC/USDT"]}


def test_the_order_holds_while_rows_arrive_and_change(bot: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK", 3)
    bot.post("trades", [trade(trade_id=f"t-{n}", entry_time=f"2026-01-01T10:{59 - n:02}:00Z") for n in range(10)])
    response: Any = bot.client.get("/api/export/trades?format=json")
    parts: Iterator[bytes] = response.streaming_content
    content = next(parts)
    bot.post("trades", [closed(trade_id="t-0"), closed(trade_id="t-9"), trade(trade_id="new")])
    Trade.objects.filter(trade_id="t-5").delete()
    found = json.loads(content + b"".join(parts))["trades"]
    assert [row["trade_id"] for row in found] == [*(f"t-{n}" for n in range(10) if n != 5), "new"]
    assert [row["status"] for row in found] == ["open"] * 8 + ["closed", "open"]


@pytest.mark.parametrize("form", TYPES)
def test_chunks_join_without_a_seam(bot: Caller, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    bot.post("trades", [trade(trade_id=f"t-{n}") for n in range(12)])
    read = {"csv": as_csv, "json": as_json, "xlsx": as_sheet}[form]
    whole = read(bot, "trades")
    for size in (1, 5, 6, 12):
        monkeypatch.setattr(tables, "CHUNK", size)
        assert read(bot, "trades") == whole


@pytest.mark.parametrize("form", TYPES)
def test_queries_grow_with_the_chunks_only(
    bot: Caller, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, form: str
) -> None:
    bot.post("trades", [trade(trade_id=f"t-{n}", strategy=f"s{n}", bot=f"b{n}") for n in range(30)])
    counted = int(form == "xlsx")
    for size, chunks in ((100, 1), (10, 4), (7, 5)):
        monkeypatch.setattr(tables, "CHUNK", size)
        with django_assert_num_queries(KEY_AND_AUDIT + counted + chunks):
            fetch(bot, f"trades?format={form}")


def test_too_many_rows_for_a_sheet_are_refused(bot: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(formats.FORMATS, "xlsx", formats.Format("x", formats.write_workbook, most_rows=2))
    bot.post("trades", [trade(trade_id=f"t-{n}") for n in range(3)])
    assert list(bot.refused(400, "GET", "export/trades?format=xlsx")["fields"]) == ["format"]
    assert len(as_json(bot, "trades")) == 3


@pytest.mark.usefixtures("rows")
def test_annotations_come_back_by_import(bot: Caller, program: Callable[..., Caller], other_account: Account) -> None:
    for number in range(20):
        bot.post("annotations", annotation(text=f"=n {number}", color="#ff0000", icon="flag"))
    content, copy = fetch(bot, "annotations?format=json"), program(of=other_account)
    assert bot.post("annotations/import", content)["summary"]["duplicate"] == 21
    assert copy.post("annotations/import", content)["summary"]["created"] == 21
    own = ("id", "author", "created_at", "updated_at")
    there, here = as_json(copy, "annotations"), as_json(bot, "annotations")
    assert [{key: row[key] for key in row if key not in own} for row in there] == [
        {key: row[key] for key in row if key not in own} for row in here
    ]


def test_a_workbook_leaves_no_files_behind(bot: Caller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(tables, "CHUNK", 2)
    bot.post("trades", [trade(trade_id=f"t-{n}") for n in range(9)])
    fetch(bot, "trades?format=xlsx")
    assert list(tmp_path.iterdir()) == []
    response: Any = bot.client.get("/api/export/trades?format=xlsx")
    next(response.streaming_content)
    assert len(list(tmp_path.iterdir())) == 1
    response.close()
    assert list(tmp_path.iterdir()) == []


def test_so_many_exports_at_once_and_no_more(
    program: Any, account: Account, owner: User, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Answers that other tests gave up keep theirs until Python looks for what is unreachable.
    monkeypatch.setattr(exports, "slots", Slots(exports.AT_ONCE, exports.AT_ONCE_FOR_ALL))

    def begin(caller: Caller) -> Any:
        return caller.client.get("/api/export/trades")

    one, hand = program("read"), person(owner)
    first, second = begin(one), begin(one)
    error = one.refused(429, "GET", "export/portfolio?format=json")
    assert error["code"] == "throttled" and one.response["Retry-After"] == "5"
    one.refused(400, "GET", "export/trades?format=pdf")
    assert one.client.head("/api/export/trades").status_code == 200
    others = [begin(each) for each in (hand, hand, program("read"), program("read"))]
    assert [each.status_code for each in others] == [200] * 4
    program("read").refused(429, "GET", "export/trades")
    assert AuditEntry.objects.filter(action="trades.export").count() == 6
    assert b"".join(first.streaming_content)  # taken to the end
    second.close()  # given up
    begin(one), begin(one)
