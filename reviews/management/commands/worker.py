"""The embedded worker: claims Job rows itself, for installations without Redis."""

import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from reviews import jobs

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.3  # how long a new job waits at the most before it is seen


class Command(BaseCommand):
    help = "Run background jobs until stopped (used when REDIS_URL is not set)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when no job is waiting")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        beating = threading.Thread(target=_beat_until, args=(stop,), daemon=True)
        beating.start()
        while not stop.is_set():
            close_old_connections()
            try:
                found = jobs.run_one()
            except DatabaseError:
                # A database that is busy or away for a moment ends no worker. The lease of the job
                # that it was at lapses, and the job is taken up again.
                log.exception("the database did not answer; trying again")
                found = False
            if not found:
                if options["once"]:
                    break
                stop.wait(IDLE_SECONDS)
        stop.set()
        beating.join()


def _beat_until(stop: threading.Event) -> None:
    while True:
        close_old_connections()
        try:
            jobs.beat()
        except DatabaseError:
            log.warning("this beat could not be written; the next one is tried in its time")
        if stop.wait(settings.WORKER_BEAT_SECONDS):
            return
