"""Settings from the environment; every variable is listed in docs/deployment.md."""

import os
from pathlib import Path

from sunlight.dsn import celery_broker_url, parse_database_url, steadfast

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("SUNLIGHT_DEBUG") == "1"
# Without a key, each process gets a random one and its sessions end with it, which is right for `manage.py rule`.
SECRET_KEY_FALLBACKS = [k for k in os.environ.get("SUNLIGHT_SECRET_KEY_FALLBACKS", "").split(",") if k]
SECRET_KEY_GIVEN = bool(os.environ.get("SUNLIGHT_SECRET_KEY"))
SECRET_KEY = os.environ.get("SUNLIGHT_SECRET_KEY") or os.urandom(32).hex()
# Keys that seal second factors and webhooks' secrets, the first for new ones; not the secret key, which may change every day.
ENCRYPTION_KEYS = [k for k in os.environ.get("SUNLIGHT_ENCRYPTION_KEY", "").split(",") if k]
# Keys that write the tickets of scopes, the first for new ones; the database knows them by `manage.py migrate`.
TICKET_KEYS = [k for k in os.environ.get("SUNLIGHT_TICKET_KEY", "").split(",") if k]
# Keys under which documents and phones are hashed to know people again, the first for new ones; without, those that seal.
IDENTITY_KEYS = [k for k in os.environ.get("SUNLIGHT_IDENTITY_KEY", "").split(",") if k]
# "proxy": certificate keys count as second factor, as our proxy verified them (sunlight/tenancy/certificates.py).
CLIENT_CERTIFICATES = os.environ.get("SUNLIGHT_CLIENT_CERTIFICATES", "")
ALLOWED_HOSTS = os.environ.get("SUNLIGHT_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SUNLIGHT_TRUSTED_ORIGINS", "").split(",") if o]
SECURE_COOKIES = os.environ.get("SUNLIGHT_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
# Probes come from this machine, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if os.environ.get("SUNLIGHT_PROXY_SSL_HEADER") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours stand in front and add to X-Forwarded-For; what lies before their entries anybody can write.
PROXY_COUNT = int(os.environ.get("SUNLIGHT_PROXY_COUNT", "0"))
METRICS_TOKEN = os.environ.get("SUNLIGHT_METRICS_TOKEN", "")

INSTALLED_APPS = [
    "sunlight.scope",
    "sunlight.journal",
    "sunlight.tenancy",
    "sunlight.files",
    "sunlight.sheets",
    "sunlight.jobs",
    "sunlight.answers",
    "sunlight.saved_views",
    "sunlight.web",
    "sunlight.api",
    "sunlight.messages",
    "sunlight.registration",
    "sunlight.approval",
    "sunlight.publicity",
    "sunlight.deadlines",
    "sunlight.webhooks",
    "sunlight.reconciliation",
    "sunlight.accounts",
    "sunlight.operations",
    "catalog",
    "pricing",
    "procurement",
    "settlement",
    "credit",
    "supervision",
    "sunlight.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
]

MIDDLEWARE = [
    "sunlight.operations.middleware.ObserveMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sunlight.operations.middleware.ProbesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sunlight.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sunlight.web.middleware.ActorMiddleware",
]

ROOT_URLCONF = "sunlight.urls"
WSGI_APPLICATION = "sunlight.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "sunlight.web.context.frame",
            ],
            "builtins": ["sunlight.web.templatetags.sunlight", "sunlight.web.templatetags.lists"],
        },
    },
]

# The application logs in as sun_app, which owns nothing; migrations alone use the owner.
DATABASES = {
    "default": {
        **steadfast(parse_database_url(os.environ.get("DATABASE_URL", "postgresql://sun_app@localhost/sunlight"))),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    },
    "owner": parse_database_url(os.environ.get("DATABASE_OWNER_URL", "postgresql://sun_owner@localhost/sunlight")),
}
DATABASE_ROUTERS = ["sunlight.scope.router.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")

AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = ["sunlight.tenancy.backends.PasswordBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
CSRF_FAILURE_VIEW = "sunlight.web.errors.stale_form"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "sunlight.tenancy.sessions"
SESSION_COOKIE_AGE = 12 * 3600
# Lock-out, session limits, passwords, second factor, step-up: sunlight/tenancy/profile.py
ACCOUNT_PROFILE = os.environ.get("SUNLIGHT_ACCOUNT_PROFILE", "standard" if SECURE_COOKIES else "demo")

# E-mail is off until a sender's address is given; even then only those are written to who asked for it.
MAIL_FROM = os.environ.get("SUNLIGHT_MAIL_FROM", "")
# Where people reach the platform, for links in mails: https://sunlight.example.org
SITE_URL = os.environ.get("SUNLIGHT_SITE_URL", "").rstrip("/")
EMAIL_HOST = os.environ.get("SUNLIGHT_MAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("SUNLIGHT_MAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("SUNLIGHT_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SUNLIGHT_MAIL_PASSWORD", "")
# Short messages to people's own phones: a class with `send(to, text)` (sunlight/tenancy/delivery.py); empty: none are sent.
SMS_GATEWAY = os.environ.get("SUNLIGHT_SMS_GATEWAY", "")
# A directory into which letters to account owners are written instead of being sent: for the demonstration and for trying.
LETTER_DIRECTORY = os.environ.get("SUNLIGHT_LETTER_DIRECTORY", "")
EMAIL_USE_TLS = os.environ.get("SUNLIGHT_MAIL_TLS") == "1"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "sunlight" / "locale"]
FORMAT_MODULE_PATH = ["sunlight.web.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SUNLIGHT_STATIC_ROOT", BASE_DIR / "staticfiles"))
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["sunlight.api.authentication.ScopeAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["sunlight.api.permissions.HasRole"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sunlight.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "sunlight.api.schema.Schema",
    "EXCEPTION_HANDLER": "sunlight.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
# Calls a minute over the API, by kind of client (sunlight/api/limits.py); 0 is no limit. SUNLIGHT_API_RATE_LIMITS is
# `hospital=1200,anonymous=30`, or `off`.
API_RATE_LIMITS = {
    "anonymous": 60,
    "person": 600,
    "hospital": 1200,
    "supplier": 1200,
    "operator": 3000,
    "regulator": 1200,
    "platform": 600,
}
_limits = os.environ.get("SUNLIGHT_API_RATE_LIMITS", "")
API_RATE_LIMITS = (
    {}
    if _limits == "off"
    else API_RATE_LIMITS | {name: int(limit) for name, _, limit in (p.partition("=") for p in _limits.split(",") if p)}
)
SPECTACULAR_SETTINGS = {
    "TITLE": "阳光交易 Sunlight API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Values stand where they are used: named enums of two apps would take each other's names.
    "POSTPROCESSING_HOOKS": ["sunlight.api.schema.shared"],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

# Heads of the journal's chains, signed and kept outside the database (sunlight/journal/checkpoints.py): the file with the
# private key, which only the workers can read; the folder of the file they are written to; how often; and addresses outside
# that get them once a day, besides the authorities' people.
CHECKPOINT_KEY_FILE = os.environ.get("SUNLIGHT_CHECKPOINT_KEY", "")
CHECKPOINT_DIR = os.environ.get("SUNLIGHT_CHECKPOINT_DIR", "")
CHECKPOINT_MINUTES = int(os.environ.get("SUNLIGHT_CHECKPOINT_MINUTES", "5"))
CHECKPOINT_MAILS = [a for a in os.environ.get("SUNLIGHT_CHECKPOINT_MAILS", "").split(",") if a]

# How many workers may be at jobs at the same time; the others are free for what must be quick.
JOB_SLOTS = int(os.environ.get("SUNLIGHT_JOB_SLOTS", "1"))
CELERY_BROKER_URL = celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 12 * 3600}
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOG_FORMAT = os.environ.get("SUNLIGHT_LOG", "text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "sunlight.operations.logs.TextLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "sunlight.operations.logs.JsonLine"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json" if LOG_FORMAT == "json" else "text"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
SILENCED_SYSTEM_CHECKS: list[str] = []

# A clamd that looks at every file before it is kept: `unix:/path` or `tcp:host:port`; empty: nothing is scanned.
CLAMD_ADDRESS = os.environ.get("SUNLIGHT_CLAMD", "")

# A gateway to the tax office's check of invoices (https) and its bearer key; empty: no invoice is verified.
INVOICE_VERIFIER = os.environ.get("SUNLIGHT_INVOICE_VERIFIER", "")
INVOICE_VERIFIER_KEY = os.environ.get("SUNLIGHT_INVOICE_VERIFIER_KEY", "")

# The demonstration lists its accounts on the login page; never set on a platform that trades.
DEMO = os.environ.get("SUNLIGHT_DEMO") == "1"
DEMO_PASSWORD = "sunlight-demo"
