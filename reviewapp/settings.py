"""One settings file; what differs between machines comes from the environment (see env.py)."""

import sys
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from . import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.folder("REVIEWAPP_DATA_DIR", BASE_DIR / "data")

# The product's name, in one place. Packages keep the names of their nouns.
BRAND = "Concord"

DEBUG = env.flag("REVIEWAPP_DEBUG")
SECRET_KEY = env.secret("REVIEWAPP_SECRET_KEY", kept_in=DATA_DIR / "secret.key")
ALLOWED_HOSTS = env.words("REVIEWAPP_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS if host != "*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "reviews",
    "components",
    "citations",
    "screening",
    "extraction",
    "interviews",
    "synthesis",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reviewapp.security.SecurityHeaders",
    "reviewapp.size.RefuseTooLarge",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "reviews.middleware.SayRefusals",
]

ROOT_URLCONF = "reviewapp.urls"
WSGI_APPLICATION = "reviewapp.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviews.context.review",
            ],
        },
    }
]

# Database: SQLite beside the data unless DATABASE_URL names PostgreSQL.
DATABASE_URL = env.url("DATABASE_URL", {"postgres", "postgresql", "sqlite"})
DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL or f"sqlite:///{DATA_DIR / 'concord.sqlite3'}",
        conn_max_age=0,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE is what keeps writers from failing; FULL because a decision is data.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
        ),
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 0, "max_size": 20, "timeout": 20},
        # The ORM's own queries are never prepared, those of reviews/written.py when they say so.
        "prepare_threshold": 5,
        # A page asks much in one query and little of the data: compiling it took 0.2 s of 0.25.
        "options": "-c jit=off",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A cache that all processes share: allauth's limits need it.
REDIS_URL = env.url("REDIS_URL", {"redis", "rediss", "unix"})
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "concord",
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
        }
    }

# Inner networks that webhooks may reach all the same; without it public addresses only.
WEBHOOK_NETWORKS = env.networks("REVIEWAPP_WEBHOOK_NETWORKS")
# Requests a minute of one token or signed-in person; 0: no limit.
API_PER_MINUTE = env.number("REVIEWAPP_API_PER_MINUTE", 6000)
if API_PER_MINUTE < 0:
    raise ImproperlyConfigured("REVIEWAPP_API_PER_MINUTE must be 0 (no limit) or more.")

# Background work: with Redis Celery carries "run job N"; without it `manage.py worker` claims jobs.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# People
AUTH_USER_MODEL = "reviews.User"
AUTHENTICATION_BACKENDS = ["reviews.sessions.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "reviews.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{BRAND}] "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
# Without a reverse proxy that names itself, the peer's address is the client's.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("REVIEWAPP_TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = BRAND
# A code stays good for one step (30 s) more, for slow hands and clocks (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1

# Mail
vars().update(env.email("REVIEWAPP_EMAIL_URL", outbox=DATA_DIR / "outbox"))
# Without a mail server nobody can confirm an address: the second step must not wait for that.
MFA_ALLOW_UNVERIFIED_EMAIL = not env.text("REVIEWAPP_EMAIL_URL")
DEFAULT_FROM_EMAIL = env.text("REVIEWAPP_EMAIL_FROM", f"{BRAND} <concord@localhost>")

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names that browsers may keep for ever, once `collectstatic` has made them; without it the
# same files are served by their plain names.
COLLECTED = (STATIC_ROOT / "staticfiles.json").is_file() or "collectstatic" in sys.argv
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
        # Public, and in the container collected by root for a user who is not.
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_USE_FINDERS = True
# Who asks Unpaywall, Crossref, OpenAlex and PubMed about DOIs. Without it no call leaves this machine.
LOOKUP_EMAIL = env.address("REVIEWAPP_LOOKUP_EMAIL")
# Who may restore a whole review from the page: an archive names people, and what they decided.
RESTORE_FROM_PAGE = env.text("REVIEWAPP_RESTORE_FROM_PAGE", "administrators")
if RESTORE_FROM_PAGE not in {"administrators", "everybody"}:
    raise ImproperlyConfigured("REVIEWAPP_RESTORE_FROM_PAGE must be administrators or everybody.")
UPLOAD_LIMIT_MB = env.number("REVIEWAPP_UPLOAD_LIMIT_MB", 500)
if UPLOAD_LIMIT_MB < 1:
    raise ImproperlyConfigured("REVIEWAPP_UPLOAD_LIMIT_MB must be at least 1.")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 1000  # full texts in one drop, without the page's script
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Safe by default. Behind TLS, REVIEWAPP_HTTPS=yes turns on the rest.
HTTPS = env.flag("REVIEWAPP_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
# Our own pages show PDFs in a frame (W019). Other sites may live on subdomains of ours: speaking
# for them is not our decision (W005, W021).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W019", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_ENGINE = "reviews.sessions"
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "reviews.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["reviews.throttling.PerMinute"],
    "DEFAULT_SCHEMA_CLASS": "reviews.openapi.DoorSchema",
    "EXCEPTION_HANDLER": "reviews.api.explain",
    "URL_FORMAT_OVERRIDE": None,  # ?format= is the export's own parameter
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{BRAND} API",
    "DESCRIPTION": "The rules, permissions and blinding of the pages; docs/api.md lists what pages do alone.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_AUTHENTICATION": None,
    "ENUM_NAME_OVERRIDES": {
        "Verdict": "screening.models.Decision.Verdict",
        "ScreeningStage": "screening.api.STAGES",
        "AnyStage": "reviews.models.Stage",
        "DuplicateAnswer": "citations.models.DuplicatePair.Answer",
        "RelationKind": "citations.models.RelatedReport.Kind",
        "SearchKind": "citations.models.Search.Kind",
        "InterviewStance": "interviews.models.Stance",
        "ExtractionStance": "extraction.models.Stance",
        "Side": "extraction.models.Side",
        "SideToTake": "extraction.api.settled.SIDES",
        "QuestionKind": "extraction.models.Field.Kind",
        "CriterionKind": "reviews.models.Criterion.Kind",
        "KindOfAct": "screening.models.BulkAct.Kind",
        "KindOfSharing": "screening.models.Sharing.Kind",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}

# The embedded worker and Celery's both write a beat; older than this, /healthz says so (seconds).
WORKER_BEAT_SECONDS = 10
WORKER_SILENT_SECONDS = 60
# How long a worker may be silent before another takes up its job.
JOB_LEASE_SECONDS = env.number("REVIEWAPP_JOB_LEASE_SECONDS", 60)
if JOB_LEASE_SECONDS < 1:
    raise ImproperlyConfigured("REVIEWAPP_JOB_LEASE_SECONDS must be at least 1.")
FIELD_KEY = env.text("REVIEWAPP_FIELD_KEY")
