from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"

    def ready(self) -> None:
        from . import arriving  # noqa: F401  (registers the kinds of jobs)
