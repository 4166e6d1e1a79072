"""Beat's schedule and the tasks it rings for."""

from sunlight.celery import app


def tasks() -> dict[str, str]:
    """Our tasks by name, with the name their module would give them."""
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    return {name: f"{task.run.__module__}.{task.run.__name__}" for name, task in ours.items()}


def test_every_entry_of_the_schedule_rings_for_a_task():
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(tasks())


def test_tasks_are_named_and_may_move():
    """A file that moves must not strand what was queued under its old name."""
    assert [name for name, by_module in tasks().items() if name == by_module] == []
