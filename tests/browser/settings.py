"""The site's own settings with the static files as they stand in the checkout: what an earlier
`collectstatic` left there may be old, and compressing all of it anew takes a minute.
"""

from reviewapp.settings import *  # noqa: F403
from reviewapp.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
