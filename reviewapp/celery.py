"""Celery carries "run job N" when Redis is there; the Job row stays the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewapp.settings")

app = Celery("concord")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "beat": {"task": "reviews.tasks.beat", "schedule": 10.0, "options": {"expires": 10}},
    "sweep": {"task": "reviews.tasks.sweep", "schedule": 15.0, "options": {"expires": 15}},
}
