"""What Celery carries: a number, nothing else."""

from celery import shared_task

from . import jobs


@shared_task(name="reviews.tasks.run_job")
def run_job(job_id: int) -> None:
    jobs.run_one(job_id)


@shared_task(name="reviews.tasks.beat")
def beat() -> None:
    jobs.beat("celery")


@shared_task(name="reviews.tasks.sweep")
def sweep() -> None:
    for job_id in jobs.lapsed():
        run_job.delay(job_id)
