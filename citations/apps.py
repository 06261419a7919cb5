from django.apps import AppConfig


class CitationsConfig(AppConfig):
    name = "citations"

    def ready(self) -> None:
        # importing registers the kinds of jobs.
        from . import importing, models, stored  # noqa: F401

        stored.register(stored.Naming(models.LooseFile, "review"))
        stored.register(stored.Naming(models.Upload, "review"))
        stored.register(stored.Naming(models.FullText, "report__review"))
