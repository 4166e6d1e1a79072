"""Reminding of recalls that nobody answered."""

from celery import shared_task


@shared_task(name="recalls.remind")
def recalls_remind() -> int:
    return 0
