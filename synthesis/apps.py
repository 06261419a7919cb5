from django.apps import AppConfig


class SynthesisConfig(AppConfig):
    name = "synthesis"

    def ready(self) -> None:
        from components import uses

        from .archive import arriving, keeping  # noqa: F401 - they register their jobs

        # A judgement speaks of this very row of the matrix; no other component inherits it.
        uses.register(uses.Use("synthesis.Topic", one="judgement", many="judgements", stays=True))
