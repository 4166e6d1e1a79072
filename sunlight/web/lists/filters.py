"""The filters lists are made of: few kinds, each with its bounds, so that nothing typed reaches the database unread."""

from datetime import UTC, date, datetime, time, timedelta

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sunlight.scope.clock import SHANGHAI

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
LONGEST = 60


class Filters(django_filters.FilterSet):
    """Base of a list's filters: what is not valid lists nothing and says why."""


class State(django_filters.ChoiceFilter):
    """One of a machine's states, by its label."""

    def __init__(self, states, *, field_name: str = "state", **more):
        more.setdefault("label", _("状态"))
        words = [(value, _(label)) for value, label in states.choices()]
        super().__init__(field_name=field_name, choices=words, empty_label=_("全部"), **more)


class Choice(django_filters.ChoiceFilter):
    """One of a few words; `meanings` maps each to a condition on the rows, where the set of filters does not say it."""

    def __init__(self, words, meanings: dict[str, Q] | None = None, *, label, **more):
        super().__init__(choices=words, label=label, empty_label=_("全部"), **more)
        self.meanings = meanings or {}

    def filter(self, rows, value):
        return rows.filter(self.meanings[value]) if value in self.meanings else rows


class Text(django_filters.CharFilter):
    """Words that stand in one of some fields. `lookup` is exact or contains; never a pattern."""

    def __init__(self, *fields: str, label, lookup: str = "icontains", **more):
        super().__init__(label=label, max_length=LONGEST, strip=True, **more)
        self.among, self.lookup = fields, lookup

    def filter(self, rows, value):
        if not value:
            return rows
        condition = Q()
        for name in self.among:
            condition |= Q(**{f"{name}__{self.lookup}": value})
        return rows.filter(condition)


class Number(Text):
    """A document's number, whole."""

    def __init__(self, *fields: str, label, **more):
        super().__init__(*fields, label=label, lookup="exact", **more)


class _Day(django_filters.DateFilter):
    def __init__(self, field_name: str, *, label, moments: bool = False, **more):
        validators = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(
            field_name=field_name, label=label, validators=validators, widget=widget, input_formats=["%Y-%m-%d"], **more
        )
        self.moments = moments

    def edge(self, day: date):
        """The day itself, or the moment it begins in Shanghai."""
        return datetime.combine(day, time(), SHANGHAI).astimezone(UTC) if self.moments else day


class Since(_Day):
    """From a day on, the day included."""

    def filter(self, rows, value):
        return rows.filter(**{f"{self.field_name}__gte": self.edge(value)}) if value else rows


class Until(_Day):
    """Up to a day, the day included."""

    def filter(self, rows, value):
        return rows.filter(**{f"{self.field_name}__lt": self.edge(value + timedelta(days=1))}) if value else rows
