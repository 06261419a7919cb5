from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        from . import webhooks  # noqa: F401  (it registers a kind of job)
