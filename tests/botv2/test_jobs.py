"""The served product keeps its rollups up to date by itself."""

import time
import uuid

import httpx

from tests.server import Server


def test_a_report_is_rolled_up_and_announced_without_being_asked(server: Server) -> None:
    slug = f"jobs-{uuid.uuid4().hex[:8]}"
    server.manage("create_account", slug)
    key = server.manage("create_api_key", "--account", slug, "--scopes", "read,ingest").strip()
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx.Client(base_url=f"{server.url}/api/", headers=headers, trust_env=False, timeout=20)
    snapshots = [{"timestamp": f"2026-01-0{day}T00:00:00Z", "total_value": 1000 + 10 * day} for day in (1, 2, 3)]
    client.post("portfolio", json=snapshots).raise_for_status()
    deadline = time.monotonic() + 20
    risk: list[dict[str, object]] = []
    while not risk and time.monotonic() < deadline:
        events = client.get("events?limit=100").raise_for_status().json()["data"]["events"]
        risk = [event["d"] for event in events if event["type"] == "risk_update"]
        time.sleep(0.2)
    assert risk[-1]["periods"] == 2
    assert risk[-1]["source"] == "snapshots"
    assert server.manage("rebuild_rollups", "--account", slug).startswith(f"{slug}: 2 rows, equal")
