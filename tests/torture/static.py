"""Row 30: what can be said of BotV2 without attacking it: settings, sources, history, headers.

Rules of bandit are ruff's S. No vulnerability database can be asked from a machine without the internet: where
pip-audit or its answer is not there, the row says so and has not tried it. The history is looked through for keys that
are known by their form; a secret that looks like any other text is not found so.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.isolation import isolated
from tests.server import ROOT, Server
from tests.torture.observatory import Seen, judged
from tests.torture.outcome import Outcome, Row, Scale

SITE, HOST = "https://bots.example", "bots.example"
SCORE = 120
SOURCES = ("botv2", "api", "dashboard", "realtime", "analytics", "client/src", "manage.py")
# What the rules point at and why it is well; S101 are assertions of types, and no check of ours is one.
JUDGED = {
    ("S101", "*"): "for the type checker",
    ("S311", "botv2/demo_bot.py"): "an invented market",
    ("S311", "client/src/botv2_client/sender.py"): "how long to wait",
    ("S311", "client/src/botv2_client/stream.py"): "how long to wait",
    ("S608", "api/views.py"): "the name of a table of ours",
    ("S608", "client/src/botv2_client/spool.py"): "a constant",
    ("S608", "dashboard/upsert.py"): "quoted names of columns of ours",
    ("S603", "dashboard/backups/postgres.py"): "no shell; a command that an operator runs",
    ("S105", "dashboard/models/person.py"): "the name of an action",
    ("S303", "dashboard/services/factors.py"): "HMAC-SHA-1, which is what authenticator apps can do",
    ("S308", "dashboard/templatetags/assets.py"): "JSON of ours with its < escaped",
}
SECRETS = {
    "a private key": rb"-----BEGIN (?:[A-Z]{2,9} )?PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=]{16}",
    "AWS": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub": rb"\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{82})",
    "GitLab": rb"\bglpat-[0-9A-Za-z_-]{20}",
    "Google": rb"\bAIza[0-9A-Za-z_-]{35}",
    "Slack": rb"\bxox[abeoprs]-[0-9A-Za-z-]{20,}",
    "Stripe": rb"\b[rs]k_live_[0-9A-Za-z]{24}",
    "npm": rb"\bnpm_[0-9A-Za-z]{36}\b",
    "PyPI": rb"\bpypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50}",
    "Telegram": rb"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b",
    "a password in an address": rb"\b(?:postgres(?:ql)?|rediss?|mysql|amqps?)://[^\s:/@\"'{}$<]+:[^\s:/@\"'{}$<]{12,}@",
}


def settings(found: Outcome) -> None:
    with tempfile.TemporaryDirectory(prefix="botv2-static-") as data:
        done = subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            cwd=ROOT, env=isolated({"BOTV2_DATA": data, "SITE_URL": SITE}), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    found.figures["check_deploy"] = done.stdout.strip()[-100:] or "failed"
    found.want(done.returncode == 0, f"check --deploy: {done.stderr[-1000:]}")


def sources(found: Outcome) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select=S", "--output-format=json", *SOURCES],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [(each["code"], str(Path(each["filename"]).relative_to(ROOT))) for each in json.loads(done.stdout)]
    fresh = [each for each in told if each not in JUDGED and (each[0], "*") not in JUDGED]
    stale = [each for each in JUDGED if each not in told and each[1] != "*"]
    found.figures["rules_of_bandit"] = {"findings": len(fresh), "judged": len(told) - len(fresh)}
    found.want(not fresh, f"rules of bandit: {fresh}")
    found.want(not stale, f"judged, and not found any more: {stale}")


def packages(found: Outcome) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--strict", "--progress-spinner=off", "-r", "requirements/base.txt"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if "No module named" in done.stderr or "Connection" in done.stderr or "Max retries" in done.stderr:
        found.figures["pip_audit"] = "not tried: " + done.stderr.strip().splitlines()[-1][-120:]
        return
    found.figures["pip_audit"] = "nothing known" if done.returncode == 0 else "findings"
    found.want(done.returncode == 0, f"pip-audit: {done.stdout[-1000:]}")


def history() -> Iterator[tuple[str, bytes]]:
    """Every version of every file that any commit has, and every message."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    wanted = [line.split()[0] for line in listed.stdout.splitlines() if line.split()[1] in {"blob", "commit", "tag"}]
    with subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdin is not None and reader.stdout is not None
        for name in wanted:
            reader.stdin.write(f"{name}\n".encode())
            reader.stdin.flush()
            size = int(reader.stdout.readline().split()[2])
            yield name, reader.stdout.read(size + 1)


def secrets(found: Outcome) -> None:
    patterns = {name: re.compile(pattern) for name, pattern in SECRETS.items()}
    hits: Counter[str] = Counter()
    looked = 0
    for name, content in history():
        looked += 1
        for kind, pattern in patterns.items():
            hits.update(f"{kind} in {name[:12]}: {match[:24]!r}..." for match in pattern.findall(content))
    found.figures["history"] = {"objects": looked, "patterns": len(patterns), "secrets": len(hits)}
    shallow = subprocess.run(["git", "rev-parse", "--is-shallow-repository"], cwd=ROOT, capture_output=True, check=True)
    found.want(shallow.stdout.strip() == b"false", "the history is not whole here")
    found.want(not hits, f"secrets in the history: {sorted(hits)[:10]}")


def headers(found: Outcome) -> None:
    """A running server as it is behind a proxy that ends TLS; the proxy's own part is not judged."""
    with tempfile.TemporaryDirectory(prefix="botv2-static-") as folder:
        server = Server(Path(folder) / "var", {"SITE_URL": SITE, "TRUSTED_PROXIES": "127.0.0.1"})
        server.init()
        server.start()
        try:
            scores = {}
            for name, seen in pages(server):
                scores[name], results = judged(seen)
                told = {test: result for test, (result, modifier) in results.items() if modifier < 0}
                found.want(scores[name] >= SCORE and not told, f"{name}: {scores[name]} points; {told}")
        finally:
            server.kill()
    found.figures["observatory"] = scores


def pages(server: Server) -> Iterator[tuple[str, Seen]]:
    """What a stranger and a signed-in person get; every cookie on the way counts."""
    cookies: list[str] = []

    def forward(request: httpx.Request) -> httpx.Response:
        """As the proxy does: it is asked in https and asks the server in plain, with the person's address."""
        target = request.url.copy_with(scheme="http", host="127.0.0.1", port=server.port)
        extra = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": request.url.scheme}
        sent = {**request.headers, **extra}
        answer = httpx.request(request.method, target, headers=sent, trust_env=False, timeout=30)
        cookies.extend(answer.headers.get_list("Set-Cookie"))
        kept = [
            pair
            for pair in answer.headers.multi_items()
            if pair[0].lower() not in {"content-encoding", "content-length"}
        ]
        return httpx.Response(answer.status_code, headers=kept, content=answer.content)

    with httpx.Client(base_url=SITE, transport=httpx.MockTransport(forward), follow_redirects=True) as person:
        for name, path in (("sign-in page", "/login"), ("signed in", "")):
            answer = person.get(path or server.sign_in_link())
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            plain = person.get(answer.url.copy_with(scheme="http"), follow_redirects=False)
            yield name, Seen(answer, plain, list(cookies))
        answer = person.get("/api/me")
        yield "API", Seen(answer, person.get(f"http://{HOST}/", follow_redirects=False), list(cookies))


def static(scale: Scale) -> Outcome:
    found = Outcome()
    for part in (settings, sources, packages, secrets, headers):
        part(found)
    return found


ROWS = [Row(30, "Settings, sources, history and headers", "0 findings; 120 points of the Observatory", static)]
