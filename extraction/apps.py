from django.apps import AppConfig


class ExtractionConfig(AppConfig):
    name = "extraction"

    def ready(self) -> None:
        # grouping and leaving register what becomes of forms.
        from . import grouping, leaving, uses  # noqa: F401

        uses.register()
