"""Clients of OAuth, and who answers for machines: a person for each role of a token or client, and the mandates under which a machine may do what
else only a person does.

Models of this app; `queries/machines.py` and `queries/clients.py` ask them, `services/machines.py`, `services/mandates.py` and
`services/oauth.py` alone write them.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from sunlight.scope.fields import acted_by
from sunlight.scope.roles import NO_MACHINES
from sunlight.tenancy.workflows import DutyState, MandateState

# The table of keys names exactly one of the two kinds of machines.
ONE_MACHINE = Q(token__isnull=True, client__isnull=False) | Q(token__isnull=False, client__isnull=True)
NEVER = sorted(str(role) for role in NO_MACHINES)


class _OfMachine(models.Model):
    """What is said of one token or one client of an organisation on a platform."""

    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    token = models.ForeignKey("tenancy.ApiToken", models.PROTECT, related_name="+", null=True)
    client = models.ForeignKey("tenancy.OAuthClient", models.PROTECT, related_name="+", null=True)
    # The machine's, which never changes: a party sees its tokens' names here alone.
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=40)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=ONE_MACHINE, name="a_%(class)s_is_of_one_machine"),
            models.CheckConstraint(condition=~Q(role__in=NEVER), name="a_%(class)s_is_no_administrators"),
        ]


class MachineDuty(_OfMachine):
    """A role that a machine has, and the person of the organisation who answers for what it does in it. It counts while the
    person has confirmed it, belongs to the organisation and holds the role: asked at every call, kept nowhere."""

    membership = models.ForeignKey("tenancy.Membership", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=DutyState.choices())
    asked_at = models.DateTimeField()
    asked_by = acted_by(null=False)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = acted_by()

    class Meta(_OfMachine.Meta):
        constraints = [
            *_OfMachine.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in DutyState]), name="machine_duty_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=DutyState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="a_confirmed_duty_says_when",
            ),
            models.UniqueConstraint(
                fields=["token", "role"],
                condition=~Q(state=DutyState.ENDED),
                name="one_person_answers_for_a_tokens_role",
            ),
            models.UniqueConstraint(
                fields=["client", "role"],
                condition=~Q(state=DutyState.ENDED),
                name="one_person_answers_for_a_clients_role",
            ),
        ]
        indexes = [models.Index(fields=["membership"]), models.Index(fields=["organisation", "platform"])]


class Mandate(_OfMachine):
    """One machine may make one move of one state machine in the name of `giver`, up to the ceilings (integer fen, tax
    included), from a day to a day, both included. It counts while both who gave it belong to the organisation and hold
    `role` and `confirmer_role`."""

    # Counts the organisation's own.
    number = models.PositiveIntegerField()
    machine = models.CharField(max_length=40)
    move = models.CharField(max_length=40)
    per_act_fen = models.BigIntegerField()
    per_day_fen = models.BigIntegerField()
    from_date = models.DateField()
    to_date = models.DateField()
    state = models.CharField(max_length=10, choices=MandateState.choices())
    giver = models.ForeignKey("tenancy.Membership", models.PROTECT, related_name="+")
    giver_name = models.CharField(max_length=60)
    given_at = models.DateTimeField()
    given_by = acted_by(null=False)
    confirmer = models.ForeignKey("tenancy.Membership", models.PROTECT, related_name="+", null=True)
    confirmer_name = models.CharField(max_length=60, blank=True)
    confirmer_role = models.CharField(max_length=40, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = acted_by()
    ended_at = models.DateTimeField(null=True)
    ended_by = acted_by()
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta(_OfMachine.Meta):
        constraints = [
            *_OfMachine.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in MandateState]), name="mandate_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(per_act_fen__gt=0, per_day_fen__gte=F("per_act_fen")), name="a_mandate_has_ceilings"
            ),
            models.CheckConstraint(condition=Q(to_date__gte=F("from_date")), name="a_mandate_ends_after_it_begins"),
            models.CheckConstraint(
                condition=~Q(state=MandateState.IN_FORCE)
                | Q(confirmer__isnull=False, confirmed_at__isnull=False) & ~Q(confirmer_role=""),
                name="a_mandate_in_force_names_both_who_gave_it",
            ),
            models.CheckConstraint(
                condition=Q(confirmer=None) | ~Q(confirmer=F("giver")), name="two_people_give_a_mandate"
            ),
            models.UniqueConstraint(
                fields=["organisation", "platform", "number"], name="a_mandates_number_is_its_organisations"
            ),
        ]
        indexes = [models.Index(fields=["client"]), models.Index(fields=["token"])]


class MandateUse(models.Model):
    """An act made under a mandate: what the day's ceiling counts."""

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    on = models.DateField()
    amount_fen = models.BigIntegerField()
    # What it was done to: a subject of the journal.
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="a_use_of_a_mandate_is_not_negative")
        ]
        indexes = [models.Index(fields=["mandate", "on"])]


class OAuthClient(models.Model):
    """A machine that fetches short-lived tokens by OAuth 2 client credentials: one organisation on one platform, with at
    most the roles in `scopes`."""

    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    client_id = models.CharField(max_length=40, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    created_by = acted_by()
    disabled_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(scopes__overlap=NEVER), name="a_client_is_no_administrator"),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "-id"])]


class OAuthSecret(models.Model):
    """A secret of a client, by its hash; a rotated one holds until `ends_at`. Whoever made it has seen it."""

    client = models.ForeignKey(OAuthClient, models.PROTECT, related_name="secrets")
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = acted_by()
    ends_at = models.DateTimeField(null=True)


class OAuthToken(models.Model):
    """A token a client fetched, by its hash. Its roles count only as far as the client still has them."""

    client = models.ForeignKey(OAuthClient, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    roles = ArrayField(models.CharField(max_length=40))
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="a_fetched_token_expires_after_it_begins"
            ),
        ]
