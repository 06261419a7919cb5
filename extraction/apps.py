from django.apps import AppConfig


class ExtractionConfig(AppConfig):
    name = "extraction"

    def ready(self) -> None:
        from . import leaving  # noqa: F401  (it registers what becomes of forms)
