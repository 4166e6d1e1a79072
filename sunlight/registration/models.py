"""An organisation's application to a platform with its documents, and the qualifications it answers for afterwards."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sunlight.registration.declarations import KINDS
from sunlight.registration.workflows import QualificationState, RegistrationState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.rules import DOCUMENTS

REVIEWED = [RegistrationState.RETURNED, RegistrationState.ACCEPTED, RegistrationState.REFUSED]


class RegistrationApplication(models.Model):
    """Who wants to take part, as declared. The applicant holds `number` and a secret whose hash is kept; `declared` is
    the form (`declarations`), which becomes rows of tenancy when it is accepted."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    number = models.CharField(max_length=20, unique=True)
    secret_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RegistrationState.choices(), default=RegistrationState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=200, blank=True)
    credit_code = models.CharField(max_length=18, blank=True)
    declared = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    commitment_text = models.TextField(blank=True)
    commitment_sha256 = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField()
    opened_from = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = acted_by()
    review_note = models.CharField(max_length=500, blank=True)
    review_clause = models.CharField(max_length=30, blank=True)
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+", null=True)
    # The first administrator: made on acceptance; the holder of the link chooses the password, once.
    username = models.CharField(max_length=60, blank=True)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["HOSPITAL", "SUPPLIER"]), name="an_applicant_trades"),
            models.CheckConstraint(
                condition=Q(state__in=RegistrationState.values()), name="registration_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=RegistrationState.ACCEPTED, organisation__isnull=False)
                | (~Q(state=RegistrationState.ACCEPTED) & Q(organisation__isnull=True)),
                name="an_accepted_applicant_is_an_organisation",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=[RegistrationState.SUBMITTED, RegistrationState.ACCEPTED, RegistrationState.REFUSED]
                )
                | (Q(submitted_at__isnull=False) & ~Q(commitment_sha256="")),
                name="a_submitted_application_is_committed_to",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=REVIEWED) | Q(reviewed_at__isnull=False, reviewed_by_id__isnull=False),
                name="a_reviewed_application_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RegistrationState.RETURNED, RegistrationState.REFUSED]) | ~Q(review_note=""),
                name="a_refused_or_returned_application_says_why",
            ),
            models.CheckConstraint(
                condition=Q(activated_at=None) | Q(state=RegistrationState.ACCEPTED),
                name="only_an_accepted_applicant_is_activated",
            ),
            models.UniqueConstraint(
                fields=["platform", "credit_code"],
                condition=Q(state=RegistrationState.ACCEPTED),
                name="a_credit_code_is_accepted_once_on_a_platform",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "state", "-id"]),
            models.Index(fields=["opened_from", "-opened_at"]),
        ]


class RegistrationDocument(models.Model):
    """A document attached to an application, with its own number and term as declared. A removed one is kept."""

    application = models.ForeignKey(RegistrationApplication, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=list(DOCUMENTS.items()))
    number = models.CharField(max_length=100, blank=True)
    valid_until = models.DateField(null=True)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)


class Qualification(models.Model):
    """A licence, permit or letter an organisation answers for on a platform, with its term. A change is declared by the
    organisation and counts once the operator confirms it (JS20-34, JS20-37)."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=list(DOCUMENTS.items()))
    number = models.CharField(max_length=100, blank=True)
    valid_until = models.DateField(null=True)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=QualificationState.choices(), default=QualificationState.DECLARED)
    version = models.PositiveIntegerField(default=1)
    # The one it takes the place of once it is confirmed.
    replaces = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    declared_at = models.DateTimeField()
    declared_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=QualificationState.values()), name="qualification_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=QualificationState.DECLARED, decided_at__isnull=True)
                | (~Q(state=QualificationState.DECLARED) & Q(decided_at__isnull=False)),
                name="a_qualification_is_decided_or_waits",
            ),
            models.CheckConstraint(
                condition=~Q(state=QualificationState.REJECTED) | ~Q(note=""), name="a_rejected_qualification_says_why"
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(state=QualificationState.DECLARED), name="one_renewal_waits_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "platform", "state"]),
            models.Index(fields=["platform", "state", "valid_until"]),
        ]
