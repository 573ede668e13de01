"""What Mozilla's HTTP Observatory gives for an answer, by its published tests and modifiers, without asking it.

Each test has one result with its modifier; bonuses count from 90 points on. Not judged here: the preload list of HSTS,
where a site has to be entered, the certificate, and contents shared by files of old plug-ins.
"""

import re
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlsplit

import httpx

BASE, BONUSES_FROM = 100, 90
HALF_A_YEAR = 15_768_000
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
BROAD = {"*", "http:", "https:", "data:", "blob:"}
Result = tuple[str, int]


@dataclass(frozen=True)
class Seen:
    """An answer over https, what the same address says in plain http, and every cookie that the site has set."""

    answer: httpx.Response
    plain: httpx.Response
    cookies: list[str]

    @property
    def policy(self) -> dict[str, list[str]]:
        """The directives of its content policy; the first of a name counts."""
        found: dict[str, list[str]] = {}
        for part in self.answer.headers.get("Content-Security-Policy", "").split(";"):
            name, *sources = part.split() or [""]
            found.setdefault(name.lower(), [source.lower() for source in sources])
        found.pop("", None)
        return found

    @property
    def hsts(self) -> int:
        """The seconds that it pins https."""
        said = re.search(r"max-age=(\d+)", self.answer.headers.get("Strict-Transport-Security", ""))
        return int(said[1]) if said else 0


def content_policy(seen: Seen) -> Result:
    policy = seen.policy
    if not policy:
        return "not implemented", -25
    default = policy.get("default-src", ["*"])
    scripts, objects = policy.get("script-src", default), policy.get("object-src", default)
    styles = policy.get("style-src", default)
    guarded = any(source.startswith(("'nonce-", "'sha")) for source in scripts)
    if ("'unsafe-inline'" in scripts and not guarded) or BROAD & {*scripts, *objects}:
        return "unsafe scripts or objects", -20
    if any(source.startswith("http:") for sources in policy.values() for source in sources):
        return "resources in plain http", -20
    if "'unsafe-eval'" in {*scripts, *styles}:
        return "unsafe-eval", -10
    if "'unsafe-inline'" in styles or BROAD & set(styles):
        return "unsafe styles", 0
    return ("nothing unsafe, default-src none", 10) if default == ["'none'"] else ("nothing unsafe", 5)


def cookies(seen: Seen) -> Result:
    found: list[Morsel[str]] = [each for text in seen.cookies for each in SimpleCookie(text).values()]
    if not found:
        return "none", 0
    for each in found:
        session, token = "sess" in each.key.lower(), "csrf" in each.key.lower()
        if not each["secure"]:
            worst = -40 if session else -20
            return f"{each.key} without Secure", {-40: -10, -20: -5}[worst] if seen.hsts else worst
        if session and not each["httponly"]:
            return f"{each.key} without HttpOnly", -30
        if token and not each["samesite"]:
            return f"{each.key} without SameSite", -20
        if each["samesite"] and each["samesite"].lower() not in {"lax", "strict"}:
            return f"{each.key} with SameSite={each['samesite']}", -20
    return ("secure, with SameSite", 5) if all(each["samesite"] for each in found) else ("secure", 0)


def cross_origin_sharing(seen: Seen) -> Result:
    allowed = seen.answer.headers.get("Access-Control-Allow-Origin")
    open_ = allowed == "*" or seen.answer.headers.get("Access-Control-Allow-Credentials") == "true"
    return ("none", 0) if allowed is None else ("to everybody" if open_ else "restricted", -50 if open_ else 0)


def strict_transport(seen: Seen) -> Result:
    if not seen.hsts:
        return "not implemented", -20
    return ("half a year or more", 0) if seen.hsts >= HALF_A_YEAR else ("less than half a year", -10)


def redirection(seen: Seen) -> Result:
    here, there = seen.answer.request.url, urlsplit(seen.plain.headers.get("Location", ""))
    if not seen.plain.is_redirect:
        return "missing", -20
    if there.scheme != "https":
        return "not to https", -20
    return ("to https", 0) if there.hostname == here.host else ("to another host", -5)


def referrers(seen: Seen) -> Result:
    said = seen.answer.headers.get("Referrer-Policy", "").lower().split(",")[-1].strip()
    return ("private", 5) if said in PRIVATE else (said or "not implemented", -5 if said else 0)


def integrity(seen: Seen) -> Result:
    """Scripts of the site itself need none; those of others must be https and bound to their content."""
    host, foreign = seen.answer.request.url.host, []
    for tag in re.findall(r"<script\b[^>]*>", seen.answer.text, re.I):
        source = re.search(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", tag, re.I)
        if source and urlsplit(source[1]).hostname not in {None, host}:
            foreign.append((source[1], "integrity=" in tag.lower()))
    if not foreign:
        return "all scripts are the site's own", 0
    bound, plain = all(each[1] for each in foreign), any(each[0].startswith("http:") for each in foreign)
    if plain:
        return "foreign scripts in plain http", -20 if bound else -50
    return ("foreign scripts, bound", 5) if bound else ("foreign scripts", -5)


def content_types(seen: Seen) -> Result:
    said = seen.answer.headers.get("X-Content-Type-Options", "").lower()
    return ("nosniff", 0) if said == "nosniff" else (said or "not implemented", -5)


def frames(seen: Seen) -> Result:
    if "frame-ancestors" in seen.policy and not BROAD & set(seen.policy["frame-ancestors"]):
        return "by the content policy", 5
    said = seen.answer.headers.get("X-Frame-Options", "").upper()
    return ("by its header", 0) if said in {"DENY", "SAMEORIGIN"} else (said or "not implemented", -20)


def resource_policy(seen: Seen) -> Result:
    """Versions of the rules differ in what they add for this one; nothing is added here."""
    said = seen.answer.headers.get("Cross-Origin-Resource-Policy", "").lower()
    return (said or "not implemented", 0) if said in {"", "same-origin", "same-site"} else (said, -20)


TESTS = (
    content_policy, cookies, cross_origin_sharing, strict_transport, redirection, referrers, integrity, content_types,
    frames, resource_policy,
)  # fmt: skip


def judged(seen: Seen) -> tuple[int, dict[str, Result]]:
    """The score, and the result of each test."""
    results = {test.__name__: test(seen) for test in TESTS}
    score = BASE + sum(modifier for _, modifier in results.values() if modifier < 0)
    if score >= BONUSES_FROM:
        score += sum(modifier for _, modifier in results.values() if modifier > 0)
    return max(0, score), results
