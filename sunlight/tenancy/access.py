"""Changes of rights that wait for a second person. Models of this app; `services/changes.py` alone writes them."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from sunlight.scope.fields import acted_by
from sunlight.tenancy.workflows import ChangeState


class AccessChange(models.Model):
    """A change of somebody's rights, or of what guards an organisation's money, as one person asked for it. It comes about
    when another confirms it. `facts` are what its kind will do, without secrets; `gaining_person_ids` those to whom it
    gives something, who do not confirm it; `told_roles` those who hear of it besides the administrators."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    gaining_person_ids = ArrayField(models.BigIntegerField(), default=list)
    told_roles = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=10, choices=ChangeState.choices(), default=ChangeState.ASKED)
    version = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField()
    asked_by = acted_by()
    asked_by_name = models.CharField(max_length=60, blank=True)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decided_by_name = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ChangeState.values()), name="access_change_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ChangeState.ASKED, decided_at=None)
                | (~Q(state=ChangeState.ASKED) & Q(decided_at__isnull=False)),
                name="a_change_that_waits_is_not_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=ChangeState.CONFIRMED)
                | Q(decided_for_person_id__isnull=False, asked_for_person_id__isnull=False)
                & ~Q(decided_for_person_id=models.F("asked_for_person_id")),
                name="a_change_is_confirmed_by_another_person",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "platform", "state", "-id"])]


class PersonIdentity(models.Model):
    """A mark by which a human being is known again, as a keyed hash (`identity.py`). A phone that was given up ends, and
    still counts for a while: numbers are sold again, but not the next day."""

    KINDS = [("document", "证件"), ("phone", "手机")]

    person = models.ForeignKey("tenancy.Person", models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=10, choices=KINDS)
    digest = models.CharField(max_length=64)
    key_name = models.CharField(max_length=12)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["document", "phone"]), name="identity_kind_is_known"),
            models.UniqueConstraint(
                fields=["kind", "digest"], condition=Q(ended_at=None), name="an_identity_is_one_persons"
            ),
        ]


class AccountLetter(models.Model):
    """Something on its way to the owner of an account, on the owner's own phone or mail: news, or a link good once for one
    `purpose`. The secret of a link is made when it is sent; only its digest is kept."""

    NEWS, PASSWORD, FACTORS = "", "password", "factors"

    user = models.ForeignKey("tenancy.User", models.CASCADE, related_name="+")
    channel = models.CharField(max_length=4, choices=[("mail", "邮件"), ("sms", "短信")])
    address = models.CharField(max_length=120)
    purpose = models.CharField(max_length=10, blank=True)
    text = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    # When to try next; none once it is sent, given up or in vain.
    next_try_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], condition=~Q(digest=""), name="a_links_secret_is_its_own"),
            models.CheckConstraint(
                condition=Q(purpose__in=["", "password", "factors"]), name="letter_purpose_is_known"
            ),
            models.CheckConstraint(
                condition=Q(digest="") | Q(expires_at__isnull=False), name="a_link_that_was_sent_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="letters_that_wait")
        ]
