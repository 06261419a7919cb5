from django.apps import AppConfig


class ExtractionConfig(AppConfig):
    name = "extraction"

    def ready(self) -> None:
        from . import leaving, uses  # noqa: F401  (leaving registers what becomes of forms)

        uses.register()
