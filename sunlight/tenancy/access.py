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
