from django.apps import AppConfig


class ExtractionConfig(AppConfig):
    name = "extraction"

    def ready(self) -> None:
        # grouping and leaving register what becomes of forms.
        from citations import stored

        from . import grouping, leaving, models, uses  # noqa: F401

        uses.register()
        stored.register(stored.Naming(models.AttachedFile, "extraction__study__review"))
