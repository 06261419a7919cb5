"""The site's own settings, less the minute that compressing and hashing static files takes."""

from reviewapp.settings import *  # noqa: F403
from reviewapp.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
