"""/metrics: who may see it, what it counts, across processes and their ends."""

import importlib
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from botv2.env import ROOT
from tests.api.samples import alert
from tests.server import Server

TOKEN = secrets.token_urlsafe(32)
NewServer = Callable[..., Server]


def scrape(url: str, token: str = TOKEN) -> dict[str, float]:
    answer = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=20)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        sample.name + "".join(f",{name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.django_db
def test_without_a_token_there_is_nothing() -> None:
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}"}):
        assert Client().get("/metrics", headers=header).status_code == 404


def test_it_counts_what_happens_for_its_scraper_and_for_staff(new_server: NewServer) -> None:
    server = new_server(METRICS_TOKEN=TOKEN)
    for header in ({}, {"Authorization": "Bearer " + "x" * 43}, {"Authorization": TOKEN}):
        assert httpx.get(f"{server.url}/metrics", headers=header, trust_env=False).status_code == 404
    key = server.manage("create_api_key", "--account", "main", "--scopes", "read,ingest").strip()
    client = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=20)
    assert client.get("/metrics").status_code == 404
    items = [alert(title="1"), alert(title="2"), {"title": "without a type"}]
    assert client.post("/api/alerts", json=items).status_code == 200
    assert client.get("/api/none").status_code == 404
    before = scrape(server.url)
    assert before["botv2_ingest_items_total,status=created,view=AlertViewSet"] == 2
    assert before["botv2_ingest_items_total,status=invalid,view=AlertViewSet"] == 1
    assert before["botv2_events_published_total,type=alert"] == 2
    assert before["botv2_http_requests_total,method=POST,status=200,view=AlertViewSet"] == 1
    assert before["botv2_http_request_seconds_count,kind=write"] == 1
    assert before["botv2_log_head"] >= 2 and before["botv2_log_kept"] == before["botv2_log_head"]
    assert before["botv2_worker_age_seconds"] < 60
    assert not any("without" in name or "main" in name or "/none" in name for name in before)

    server.kill()
    server.start()
    after = scrape(server.url)
    assert after["botv2_events_published_total,type=alert"] == 2
    assert len(list((server.data / "metrics").glob("counter_*.db"))) <= 2

    person = httpx.Client(base_url=server.url, trust_env=False, follow_redirects=True, timeout=20)
    person.get(server.sign_in_link())
    assert person.get("/metrics").status_code == 404
    server.manage("shell", "-c", "from django.contrib.auth.models import User; User.objects.update(is_staff=True)")
    assert person.get("/metrics").status_code == 200
    by_number = httpx.get(
        f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Host": "10.0.0.7:8000"}, trust_env=False
    )
    assert by_number.status_code == 200


COUNT = """
import os, sys
from pathlib import Path
from botv2 import metric_files
folder = Path(sys.argv[1])
metric_files.prepare(folder)
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.multiprocess import MultiProcessCollector
counter, gauge = Counter("done", "."), Gauge("open", ".", multiprocess_mode="livesum")
counter.inc(); gauge.inc()
if sys.argv[2] == "fork" and os.fork() == 0:
    counter.inc(); gauge.inc()
os.write(1, b"ready\\n")
sys.stdin.read()
"""


def total(folder: Path) -> tuple[float, float]:
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    from botv2 import metric_files

    metric_files.clear_ended(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return registry.get_sample_value("done_total") or 0, registry.get_sample_value("open") or 0


def start(folder: Path, kind: str = "plain") -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", COUNT, str(folder), kind]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(2 if kind == "fork" else 1):
        assert process.stdout.readline() == b"ready\n"
    return process


def test_processes_share_a_total_that_outlives_them_and_open_things_do_not(tmp_path: Path) -> None:
    first, second = start(tmp_path), start(tmp_path)
    assert total(tmp_path) == (2, 2)
    first.kill()
    first.communicate()
    assert total(tmp_path) == (2, 1)
    third = start(tmp_path)
    assert total(tmp_path) == (3, 2)
    second.communicate()
    third.communicate()
    files = {path.name for path in tmp_path.iterdir()}
    assert total(tmp_path) == (3, 0)
    forked = start(tmp_path, "fork")
    assert total(tmp_path)[0] == 5
    forked.communicate()
    assert {path.name for path in tmp_path.iterdir()} <= files | {"gauge_livesum_0.db", "gauge_livesum_1.db"}


@pytest.mark.parametrize("bytes_", [b"", b"\xff" * 64, b"\x40\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\x7f" + b"x" * 60])
def test_a_damaged_file_is_given_up(tmp_path: Path, bytes_: bytes) -> None:
    (tmp_path / "slot-0.lock").touch()
    (tmp_path / "counter_0.db").write_bytes(bytes_)
    assert total(tmp_path) == (0, 0)
    process = start(tmp_path)
    assert total(tmp_path) == (1, 1)
    process.communicate()


ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from botv2 import metric_files
folder = Path(sys.argv[1])
metric_files.prepare(folder)
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.multiprocess import MultiProcessCollector
counter = Counter("done", ".", ["name"])
counter.labels("first").inc()
file = folder / "counter_0.db"
size = file.stat().st_size
assert file.stat().st_blocks * 512 >= size > 0, "there are holes"
resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
names = ["x" * 900 + str(number) for number in range(100)]
for name in names:
    counter.labels(name).inc()
assert file.stat().st_size == size
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
(folder / "gauge_livesum_0.db").mkdir()
Gauge("open", ".", multiprocess_mode="livesum").inc()
(folder / "gauge_livesum_0.db").rmdir()
for name in names:
    counter.labels(name).inc()
assert file.stat().st_blocks * 512 >= file.stat().st_size > size
registry = CollectorRegistry()
MultiProcessCollector(registry, str(folder))
print({registry.get_sample_value("done_total", {"name": name}) for name in names})
"""


def test_a_full_disk_kills_no_process_and_what_was_counted_is_told_when_there_is_room(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "{2.0}\n"), done.stderr


def served_names() -> set[str]:
    """Every metric that the code makes, by the name that Prometheus sees."""
    for module in ("api.telemetry", "botv2.jobs", "botv2.log_count", "botv2.requests", "realtime.telemetry"):
        importlib.import_module(module)
    found = set()
    for metric in REGISTRY.collect():
        if metric.name.startswith("botv2_"):
            ending = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(metric.type, [""])
            found |= {metric.name + each for each in ending}
    source = (ROOT / "botv2" / "metrics.py").read_text()
    return found | set(re.findall(r'(?:gauge|GaugeMetricFamily)\(\s*"(botv2_\w+)"', source))


def test_the_dashboard_asks_for_metrics_that_exist_and_shows_each() -> None:
    page = json.loads((ROOT / "deploy" / "grafana.json").read_text())
    asked = {
        name
        for panel in page["panels"]
        for target in panel.get("targets", [])
        for name in re.findall(r"botv2_\w+", target["expr"])
    }
    served = served_names()
    assert asked <= served
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in served} == shown
    rules = (ROOT / "deploy" / "alerts.yml").read_text()
    assert set(re.findall(r"botv2_\w+", rules)) <= served


def test_metrics_are_in_the_manual() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    for name in served_names():
        assert re.sub(r"_(bucket|sum|count)$", "", name) in page
