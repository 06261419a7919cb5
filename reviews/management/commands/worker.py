"""The embedded worker: claims Job rows itself, for installations without Redis."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from reviews import jobs

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
            if not jobs.run_one():
                if options["once"]:
                    break
                stop.wait(IDLE_SECONDS)
        stop.set()
        beating.join()


def _beat_until(stop: threading.Event) -> None:
    while True:
        close_old_connections()
        jobs.beat()
        if stop.wait(settings.WORKER_BEAT_SECONDS):
            return
