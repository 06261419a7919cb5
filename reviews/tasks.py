"""What Celery does by the clock. The work itself is carried by `jobs.run_job`."""

from celery import shared_task

from . import jobs


@shared_task(name="reviews.tasks.beat")
def beat() -> None:
    jobs.beat("celery")


@shared_task(name="reviews.tasks.sweep")
def sweep() -> None:
    for job_id in jobs.lapsed():
        jobs.run_job.delay(job_id)
