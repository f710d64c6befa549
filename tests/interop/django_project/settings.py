"""Django settings; what differs from site to site comes from the environment (see ``tests/interop/site.py``)."""

import os
from pathlib import Path

FOLDER = Path(os.environ["SITE_FOLDER"])
SECRET_KEY = "only for a site that lives as long as its test"
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
LANGUAGE_CODE = "en"  # the tests quote what the package says in its own language

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "simple_certmanager",
    "solo",
    "privates",
    "sessionprofile",
    "digid_eherkenning",
    "tests.interop.django_project.apps.SiteConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "tests.interop.django_project.urls"
WSGI_APPLICATION = "tests.interop.django_project.wsgi.application"
STATIC_URL = "/static/"
LOGIN_URL = LOGIN_REDIRECT_URL = "/"

AUTH_USER_MODEL = "site.Visitor"
AUTHENTICATION_BACKENDS = [os.environ["SITE_BACKEND"]]

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "site.db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Tables are made from the models in one go: a fresh database does not need the history of every package.
MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in INSTALLED_APPS[:-1]}

PRIVATE_MEDIA_ROOT = str(FOLDER / "private")
PRIVATE_MEDIA_URL = "/private/"
SENDFILE_BACKEND = "django_sendfile.backends.simple"
SENDFILE_ROOT = PRIVATE_MEDIA_ROOT

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
