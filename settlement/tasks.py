"""Going on with approved payment runs, every few seconds; reminding of what is due."""

from celery import shared_task

from settlement.services.accounts import account_changes_take_effect
from settlement.services.execution import runs_execute
from settlement.services.holds import payable_holds_lapse
from settlement.services.reminders import payables_remind as remind
from settlement.services.verification import invoices_verify as verify
from settlement.verifying import configured_verifier
from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors

# Payments of one run in one round: a round stays far below the five minutes a task may take.
CHUNK = 200


@shared_task(name="settlement.remind_payables")
def payables_remind() -> int:
    """Say once of each payable that its day comes, and that it has passed."""
    recorded = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            recorded += remind(actor=actor, at=scope.now(actor.platform_code))
    return recorded


@shared_task(name="settlement.verify_invoices")
def invoices_verify() -> int:
    """Ask the tax office's gateway, where one is configured, about invoices nobody asked about; one worker a platform."""
    verifier, answered = configured_verifier(), 0
    if verifier is None:
        return answered
    for actor in open_platform_actors():
        with scope.alone_across_transactions("settlement.verify", actor.platform_id) as alone:
            if alone:
                answered += verify(actor=actor, at=scope.now(actor.platform_code), verifier=verifier)
    return answered


@shared_task(name="settlement.continue_runs")
def runs_continue() -> int:
    """Go on with every platform's approved runs. Where two workers meet, each takes the payments that the other has not
    locked: a lock on a row stands behind the wall, and nobody else can hold payments up by it."""
    return sum(
        runs_execute(actor=actor, at=scope.now(actor.platform_code), limit=CHUNK) for actor in open_platform_actors()
    )


@shared_task(name="settlement.start_changed_accounts")
def changed_accounts_start() -> int:
    """Use the changed accounts whose day has come, before people come to work."""
    started = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            started += account_changes_take_effect(actor=actor, at=scope.now(actor.platform_code))
    return started


@shared_task(name="settlement.end_holds")
def holds_end() -> int:
    """Let go what hospitals held until yesterday, before people come to work."""
    ended = 0
    for actor in open_platform_actors():
        with scope.opened(actor):
            while done := payable_holds_lapse(actor=actor, at=scope.now(actor.platform_code)):
                ended += done
    return ended
