from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self) -> None:
        from components import uses

        from .archive import keeping  # noqa: F401 - registers its job

        # A judgement speaks of this very row of the matrix; no other component inherits it.
        uses.register(uses.Use("synthesis.Topic", one="judgement", many="judgements", stays=True))
