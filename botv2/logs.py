"""Logs: one event a line, as JSON or readable, with the ids of the request, without secrets.

Everything goes through the standard `logging`, so what libraries say is treated like our own words. What the line is
about (request_id, account, key, person, job) is bound to the context where it becomes known.
"""

import re
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

Event = MutableMapping[str, Any]

# What `extra` of a log call may add; Django puts whole requests there.
FIELDS = ("method", "path", "view", "status", "ms", "bytes", "address")
HEAD = ("timestamp", "level", "logger", "event")
REDACTED = "[redacted]"
SECRET_NAMES = re.compile(
    r"passw|secret|token|authori[sz]ation|cookie|pepper|api_?key|credential|session|csrf|otp|recovery|private", re.I
)
# Each keeps what is said around the secret. All are linear in the text.
SECRET_PATTERNS = (
    (re.compile(r"bv2_[A-Za-z]{1,16}_[A-Za-z0-9]{1,16}_[A-Za-z0-9_]{8,}"), f"bv2_{REDACTED}"),
    (re.compile(r"\b(bearer|basic)(\s+)[^\s'\",;]{4,}", re.I), rf"\1\2{REDACTED}"),
    (re.compile(r"(://[^\s/:@]{0,200}):[^\s/@]{1,300}@"), rf"\1:{REDACTED}@"),
    (re.compile(r"/(sign-in|reset|invite)/[^\s/?#'\"]{8,}"), rf"/\1/{REDACTED}"),
    (
        re.compile(
            r"\b([\w-]{0,40}?(?:password|passwd|secret|token|pepper|api[_-]?key|session(?:id|_key))[\w-]{0,20})"
            r"(['\"]?\s{0,9}[=:]\s{0,9}['\"]?)[^\s'\",;&]{3,}",
            re.I,
        ),
        rf"\1\2{REDACTED}",
    ),
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def config(*, level: str, json: bool) -> dict[str, Any]:
    """The `LOGGING` of every process. Without `json`, answered requests are told only if they failed or with DEBUG."""
    context: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        *([structlog.processors.JSONRenderer(serializer=dump)] if json else [readable]),
    ]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": context, "processors": render}
    quiet = level if json or level != "INFO" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": formatter},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "event"},
            "counter": {"class": "botv2.log_count.LogCounter", "level": "WARNING"},
        },
        "root": {"handlers": ["console", "counter"], "level": level},
        "loggers": {
            "botv2.requests": {"level": quiet},
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "axes": {"level": "WARNING"},
            "fido2": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "huey": {"level": "WARNING"},
        },
    }


def redact(logger: Any, method: str, event: Event) -> Event:
    """Take secrets out, by the name of a field and by what a text looks like."""
    return {name: REDACTED if SECRET_NAMES.search(name) else clean(value) for name, value in event.items()}


def clean(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, kept in SECRET_PATTERNS:
            value = pattern.sub(kept, value)
        return value
    return value if value is None or isinstance(value, bool | int | float) else clean(str(value))


def dump(event: Event, **options: Any) -> str:
    """JSON in one line, in which also the controls that JSON allows in texts are escaped."""
    ordered = {name: event[name] for name in HEAD if name in event} | dict(event)
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", orjson.dumps(ordered).decode())


def readable(logger: Any, method: str, event: Event) -> str:
    """`time level logger text name=value ...`; a traceback follows, indented, so that no text can pose as a line."""
    trace = event.pop("exception", None)
    head = [event.pop(name, "") for name in HEAD]
    line = " ".join([*map(visible, head), *(f"{name}={visible(value)}" for name, value in event.items())])
    return "\n    ".join([line, *map(visible, trace.split("\n"))]) if trace else line


def visible(value: Any) -> str:
    """The text in one line, with control characters (line ends, terminal escapes) spelt out."""
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", str(value))
