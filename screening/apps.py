from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "screening"

    def ready(self) -> None:
        from .arrival import arriving, withdrawing  # noqa: F401  (they register kinds of jobs)
        from .filing import delivering, looking_up  # noqa: F401
        from .lead import bulk, leaving  # noqa: F401
        from .relevance import orders, replaying, sentences  # noqa: F401
        from .reporting import past  # noqa: F401
