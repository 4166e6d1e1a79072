"""What draft acts do on a platform, and every change of it. Models of this app; `services/drafts.py` alone writes them."""

from django.db import models
from django.db.models import F, Q

from sunlight.kernel.policy import Drafts
from sunlight.scope.fields import acted_by
from sunlight.tenancy.workflows import SwitchState

DRAFTS_LABELS = {Drafts.BINDING: "按规定执行", Drafts.WARN: "仅提示"}


class DraftsSwitch(models.Model):
    """That a platform's drafts shall bind, or only warn (A1): proposed by an officer of the leading authority, decided by
    its head."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    organisation = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    before = models.CharField(max_length=8)
    after = models.CharField(max_length=8)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=SwitchState.choices(), default=SwitchState.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    proposed_at = models.DateTimeField()
    proposed_by = acted_by()
    proposed_by_name = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decided_by_name = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SwitchState.values()), name="drafts_switch_state_is_known"),
            models.CheckConstraint(
                condition=Q(before__in=["binding", "warn"], after__in=["binding", "warn"]) & ~Q(before=F("after")),
                name="a_switch_changes_what_drafts_do",
            ),
            models.UniqueConstraint(
                fields=["platform"], condition=Q(state=SwitchState.PROPOSED), name="one_switch_waits_a_platform"
            ),
            models.CheckConstraint(
                condition=~Q(state=SwitchState.DONE)
                | Q(decided_for_person_id__isnull=False, proposed_for_person_id__isnull=False)
                & ~Q(decided_for_person_id=F("proposed_for_person_id")),
                name="drafts_are_switched_by_two_people",
            ),
        ]
        indexes = [models.Index(fields=["platform", "-id"])]

    @property
    def before_label(self) -> str:
        return DRAFTS_LABELS[Drafts(self.before)]

    @property
    def after_label(self) -> str:
        return DRAFTS_LABELS[Drafts(self.after)]
