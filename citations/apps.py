from django.apps import AppConfig


class CitationsConfig(AppConfig):
    name = "citations"

    def ready(self) -> None:
        from . import importing  # noqa: F401  (registers the kinds of jobs)
