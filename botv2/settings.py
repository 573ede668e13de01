"""Django settings. Every value a person may choose comes from `botv2.env`; nothing here reads the environment."""

from datetime import timedelta
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from whitenoise.compress import Compressor

from botv2 import __version__, logs, metric_files
from botv2.env import ROOT, read_config
from botv2.static_headers import add_headers

CONFIG = read_config()

BASE_DIR = ROOT
RELEASE = __version__
DATA_DIR = CONFIG["BOTV2_DATA"]
SECRET_KEY = CONFIG["SECRET_KEY"]
KEY_PEPPER = CONFIG["KEY_PEPPER"]
DEBUG = CONFIG["DEBUG"]
SITE_URL = CONFIG["SITE_URL"]
SITE_ORIGINS = CONFIG["SITE_ORIGINS"]
SITE_SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = CONFIG["ALLOWED_HOSTS"]
TRUSTED_PROXIES = CONFIG["TRUSTED_PROXIES"]
ADMIN_PATH = CONFIG["ADMIN_PATH"]
ADMIN_NETWORKS = CONFIG["ADMIN_NETWORKS"]
SECURITY_CONTACT = CONFIG["SECURITY_CONTACT"]
VAPID_PRIVATE_KEY = CONFIG["VAPID_PRIVATE_KEY"]
PUSH_CONTACT = CONFIG["PUSH_CONTACT"]
PUSH_TO_LOOPBACK = CONFIG["PUSH_TO_LOOPBACK"]
THROTTLE_INGEST = CONFIG["THROTTLE_INGEST"]
THROTTLE_READ = CONFIG["THROTTLE_READ"]
REDIS_URL = CONFIG["REDIS_URL"]

INSTALLED_APPS = [
    "daphne",
    "botv2.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "botv2.apps.StaticFiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "compressor",
    "csp",
    "axes",
    "realtime",
    "dashboard",
    "api",
    "botv2",
]

MIDDLEWARE = [
    "botv2.middleware.StreamMiddleware",
    "botv2.requests.RequestMiddleware",
    "botv2.middleware.ClientAddressMiddleware",
    "botv2.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before what only pages need: their headers are longer than many a module.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "botv2.middleware.SecurityHeadersMiddleware",
    "botv2.content_policy.ContentPolicyMiddleware",
    "botv2.middleware.PlainHttpMiddleware",
    "django_http_compression.middleware.HttpCompressionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "api.middleware.KeyInAddressMiddleware",
    "api.middleware.EnvelopeMiddleware",
    "botv2.middleware.AdminNetworkMiddleware",
    "botv2.middleware.FetchSiteMiddleware",
    "botv2.middleware.SessionCookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dashboard.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.middleware.PersonMiddleware",
    "dashboard.own_device.OwnDeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "botv2.urls"
WSGI_APPLICATION = "botv2.wsgi.application"
ASGI_APPLICATION = "botv2.asgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database() -> dict[str, Any]:
    found = environ.Env.db_url_config(CONFIG["DATABASE_URL"])
    found.update(ATOMIC_REQUESTS=False, CONN_MAX_AGE=0)
    if found["ENGINE"].endswith("sqlite3"):
        found["OPTIONS"] = {
            # IMMEDIATE takes the write lock at BEGIN, so a read-then-write never fails half way with SQLITE_BUSY.
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA journal_size_limit=67108864;",
        }
    else:
        size = CONFIG["DB_POOL_SIZE"]
        found["OPTIONS"] = {
            **found.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": size, "timeout": 10},
            "options": "-c lock_timeout=10s -c timezone=UTC",  # of commands; botv2.keeper has those of requests
        }
    return found


DATABASES = {"default": database()}

CHANNEL_LAYERS: dict[str, dict[str, Any]] = (
    {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # A reader waits up to 5 s for a hint, so less would break every idle connection.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 7, "socket_connect_timeout": 0.5}]},
        }
    }
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)

LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE = SITE_SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("en", "English"), ("es", "Español"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [DATA_DIR / "locale"]  # compiled there from locale/ by `manage.py init`
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "compressor.finders.CompressorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "dashboard.assets.storage.MinifyingStorage"
    },
    "compressor": {"BACKEND": "dashboard.assets.storage.BundleStorage"},
}
COMPRESS_ENABLED = not DEBUG
COMPRESS_OFFLINE = not DEBUG
COMPRESS_CSS_HASHING_METHOD = None  # files are named by their hash; a query would load the preloaded font twice
# Not the minifier it brings: that takes the space out of `.menu :is(a)` inside @layer, and so another meaning into it.
COMPRESS_FILTERS = {"css": ["compressor.filters.css_default.CssAbsoluteFilter", "dashboard.assets.minify.StyleFilter"]}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are megabytes that only a person with open developer tools asks for.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-f]{12}\..+$"

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = CONFIG["LOGIN_ATTEMPTS"]
AXES_COOLOFF_TIME = timedelta(hours=1)
AXES_LOCKOUT_PARAMETERS = "dashboard.sign_in_limits.counted_by"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # whoever tries on does not keep the person out
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "botv2.middleware.client_address"
AXES_LOCKOUT_TEMPLATE = "pages/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_SECURE
SESSION_COOKIE_NAME = "__Host-session" if SITE_SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SITE_SECURE else "csrf"
SESSION_ENGINE = "dashboard.session_store"
SESSION_COOKIE_AGE = 30 * 24 * 3600  # the longest; dashboard.session_store ends them sooner
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = CONFIG["CSRF_TRUSTED_ORIGINS"]
CSRF_FAILURE_VIEW = "dashboard.errors.csrf_failure"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SITE_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SITE_SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# What these two ask for depends on SITE_URL, which botv2.checks judges: https everywhere but on loopback.
SILENCED_SYSTEM_CHECKS = [] if SITE_SECURE else ["security.W004", "security.W012", "security.W016"]
SILENCED_SYSTEM_CHECKS += ["security.W008"]  # PlainHttpMiddleware redirects pages and refuses the API

CORS_ALLOWED_ORIGINS = CONFIG["CORS_ALLOWED_ORIGINS"]
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/api/.*$"
CORS_EXPOSE_HEADERS = ["ETag", "Retry-After", "Idempotency-Replayed", "X-Request-Id"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "report-uri": ["/csp-report"],
        "report-to": ["csp"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
IMPORT_MAX_SIZE = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.KeyAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.AccountPermission"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.ExactJSONRenderer", "api.renderers.BrowsableRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.BucketThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.renderers.JsonUnlessHtml",
    "DEFAULT_SCHEMA_CLASS": "api.schema.auto.ApiSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "BotV2",
    "VERSION": RELEASE,
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SCHEMA_PATH_PREFIX": "/api",
    "POSTPROCESSING_HOOKS": ["api.schema.document.complete"],
}

LOGGING = logs.config(level=CONFIG["LOG_LEVEL"], json=CONFIG["LOG_FORMAT"] == "JSON")
if CONFIG["METRICS_TOKEN"]:
    metric_files.prepare(DATA_DIR / "metrics")  # before any app makes a metric
