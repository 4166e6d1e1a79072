"""What it may cost: listed prices, prices of other provinces as declared, deal facts, published price information."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from pricing.workflows import UNDER_WAY, UNPUBLISHED, DeclarationState, NoticeState, ReferenceState
from sunlight.scope.fields import acted_by
from sunlight.tenancy.trade import DistributedTradeRow


class ListedPrice(models.Model):
    """The price at which a price group is listed in a region, by day; corrections are new rows."""

    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=12)
    source_number = models.CharField(max_length=20, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="a_listed_price_is_positive"),
            models.CheckConstraint(
                condition=Q(source__in=["LISTING", "LINKAGE", "AWARD"]), name="listed_price_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="a_listed_price_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["region", "price_group"], condition=Q(valid_to=None), name="one_current_listed_price"
            ),
        ]


class Declaration(models.Model):
    """A manufacturer's declaration of a price group's prices on other provinces' platforms, with commitment and evidence
    (SZ24-3.2a, 3.2b)."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=DeclarationState.choices())
    commitment_version = models.CharField(max_length=12)
    commitment_text = models.TextField()
    commitment_sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    submitted_by = acted_by()
    decided_at = models.DateTimeField(null=True)
    decided_by = acted_by()
    decision_note = models.CharField(max_length=500, blank=True)
    import_run = models.ForeignKey("sheets.ImportRun", models.PROTECT, related_name="+", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeclarationState.values()), name="declaration_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=DeclarationState.SUBMITTED, decided_at=None)
                | (~Q(state=DeclarationState.SUBMITTED) & Q(decided_at__isnull=False)),
                name="a_declaration_is_decided_when_it_leaves_submitted",
            ),
        ]
        indexes = [models.Index(fields=["platform", "state", "-id"]), models.Index(fields=["manufacturer", "-id"])]


class DeclaredPrice(models.Model):
    """One province's price in a declaration: as published there, and converted to the pricing unit."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+")
    province = models.CharField(max_length=6)
    platform_name = models.CharField(max_length=100, blank=True)
    stated_price = models.DecimalField(max_digits=14, decimal_places=4)
    stated_unit = models.CharField(max_length=20)
    factor = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=14, decimal_places=4)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    evidence = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(evidence=""), name="a_declared_price_has_evidence"),
            models.CheckConstraint(
                condition=Q(price__gt=0, stated_price__gt=0, factor__gt=0), name="a_declared_price_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="a_declared_price_ends_after_it_begins",
            ),
            models.UniqueConstraint(fields=["declaration", "province"], name="a_province_once_in_a_declaration"),
        ]


class ProvincePrice(models.Model):
    """A confirmed price of another province: what alert lines rest on. A new confirmation ends the one before."""

    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    province = models.CharField(max_length=6)
    price = models.DecimalField(max_digits=14, decimal_places=4)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    declared_price = models.OneToOneField(DeclaredPrice, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "price_group", "province"],
                condition=Q(superseded_at=None),
                name="one_current_province_price",
            ),
        ]


class DealFact(DistributedTradeRow):
    """One accepted order line as a deal: the price of that day; counts in lines and statistics while net_quantity > 0."""

    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    national_code = models.ForeignKey("catalog.NationalCode", models.PROTECT, related_name="+")
    order_line_number = models.CharField(max_length=20, unique=True)
    hospital_level = models.CharField(max_length=10)
    is_public = models.BooleanField()
    is_gift = models.BooleanField(default=False)
    price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    net_quantity = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    # When the fact was last recorded, netted or excluded: what a publication looks at to find what is new.
    changed_at = models.DateTimeField()
    excluded_at = models.DateTimeField(null=True)
    exclusion_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_deal_has_a_quantity"),
            models.CheckConstraint(
                condition=Q(net_quantity__gte=0, net_quantity__lte=F("quantity")), name="net_quantity_within_quantity"
            ),
            models.CheckConstraint(condition=Q(price__gt=0) | Q(is_gift=True, price=0), name="only_a_gift_is_free"),
            models.CheckConstraint(
                condition=Q(excluded_at=None) | ~Q(exclusion_reason=""), name="an_exclusion_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["price_group", "region", "occurred_on"]),
            models.Index(fields=["region", "changed_at"]),
            # Which groups a day moves over the border of a window.
            models.Index(fields=["region", "occurred_on"]),
            *DistributedTradeRow.Meta.indexes,
        ]


class PricePublication(models.Model):
    """One complete run over a region: for which day, and on what knowledge. A price group without a row for that day
    kept its figures."""

    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    business_day = models.DateField()
    known_until = models.DateTimeField()
    price_groups = models.PositiveIntegerField()
    rows_written = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["region", "-id"])]


class PriceInformation(models.Model):
    """The published figures of a price group in a region for one business day: alert line, statistics, segments.
    They rest on the days before (two times: business day and what was known). A day on which nothing changed has no row."""

    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    business_day = models.DateField()
    known_until = models.DateTimeField()
    alert_line = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    alert_source = models.CharField(max_length=10)
    provinces_lowest = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    city_highest = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    alert_answer = models.JSONField(encoder=DjangoJSONEncoder)
    statistics = models.JSONField(encoder=DjangoJSONEncoder)
    segments = models.JSONField(encoder=DjangoJSONEncoder)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "price_group", "business_day"], name="price_information_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(alert_source="none", alert_line=None)
                | (~Q(alert_source="none") & Q(alert_line__isnull=False)),
                name="an_alert_line_has_its_source",
            ),
        ]


class NightlyRun(models.Model):
    """One run over a region's figures: business day and what was known (two times). Done where `finished_at` stands; an
    interrupted run continues with its unfinished chunks."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    business_day = models.DateField()
    known_until = models.DateTimeField()
    is_full = models.BooleanField()
    # Why it looked at every group, or that it looked at those that may differ.
    reach = models.CharField(max_length=12)
    law_sha256 = models.CharField(max_length=64)
    twin_versions = models.JSONField()
    price_groups = models.PositiveIntegerField()
    rows_written = models.PositiveIntegerField(default=0)
    zones = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "region", "business_day", "known_until", "is_full"], name="a_nightly_run_runs_once"
            ),
            models.CheckConstraint(
                condition=Q(reach__in=["CHANGED", "ASKED", "FIRST", "LAW"]), name="nightly_reach_is_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, digest="") | (Q(finished_at__isnull=False) & ~Q(digest="")),
                name="a_finished_run_has_its_digest",
            ),
        ]
        indexes = [models.Index(fields=["region", "-id"])]


class NightlyChunk(models.Model):
    """A run's price groups in pieces of one transaction: the cursor of a run."""

    run = models.ForeignKey(NightlyRun, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    price_group_ids = ArrayField(models.BigIntegerField())
    rows_written = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="a_chunk_once_in_a_run"),
            models.CheckConstraint(
                condition=Q(done_at=None, digest="") | (Q(done_at__isnull=False) & ~Q(digest="")),
                name="a_done_chunk_has_its_digest",
            ),
        ]


class CodeChange(models.Model):
    """The last change of a national code that is or was listed on a platform, for hospitals' own systems (SZ20-5.1.1):
    one row per code, at the place of its last change in the platform's sealed sequence. `facts` is the complete state
    at that moment; `is_gone` where the code was retired or may no longer be bought."""

    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    national_code = models.ForeignKey("catalog.NationalCode", models.PROTECT, related_name="+")
    sequence = models.BigIntegerField()
    is_gone = models.BooleanField()
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "national_code"], name="a_code_stands_once_in_a_feed"),
        ]
        indexes = [models.Index(fields=["platform", "sequence", "national_code"])]


class FeedPosition(models.Model):
    """Up to which event of a platform's sealed sequence its code feed was brought."""

    platform = models.OneToOneField("tenancy.Platform", models.PROTECT, related_name="+")
    sequence = models.BigIntegerField(default=0)


class PriceDistribution(models.Model):
    """How what a region bought of a price group in twelve months lies among the nine segments, as published for a business
    day: of each band (1 to 9, 10 above them) deals and the share of quantity in percent. No bands where fewer institutions
    bought than would keep each unknown."""

    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    business_day = models.DateField()
    known_until = models.DateTimeField()
    institutions = models.PositiveIntegerField()
    deals = models.PositiveIntegerField()
    bands = models.JSONField(encoder=DjangoJSONEncoder)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "price_group", "business_day"], name="price_distribution_once_a_day"
            ),
        ]


class ReferencePrice(models.Model):
    """The lowest price of the nation that was collected for a price group, published, and unopposed confirmed as its
    reference price (SZ20-5.2.1b), CNY a pricing unit. It binds from `valid_from` until a lower one takes its place."""

    number = models.CharField(max_length=20, unique=True)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=14, decimal_places=4)
    source = models.CharField(max_length=400)
    # What was collected: [{"province", "price", "source"}, …], each price as text; `source` is the lowest one's.
    national_prices = models.JSONField(encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=12, choices=ReferenceState.choices(), default=ReferenceState.COLLECTED)
    publication = models.ForeignKey("publicity.Publication", models.PROTECT, related_name="+", null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    collected_at = models.DateTimeField()
    collected_by = acted_by()
    ended_note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="a_reference_price_is_positive"),
            models.CheckConstraint(condition=Q(state__in=ReferenceState.values()), name="reference_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=ReferenceState.CONFIRMED) ^ Q(valid_from=None, valid_to=None),
                name="a_confirmed_reference_price_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNPUBLISHED) | Q(publication__isnull=False),
                name="a_published_reference_price_has_its_publication",
            ),
            models.UniqueConstraint(
                fields=["region", "price_group"],
                condition=Q(state=ReferenceState.CONFIRMED, valid_to=None),
                name="one_current_reference_price",
            ),
            models.UniqueConstraint(
                fields=["region", "price_group"], condition=Q(state__in=UNDER_WAY), name="one_reference_under_way"
            ),
        ]
        indexes = [models.Index(fields=["platform", "state", "-id"])]


class PriceNotice(models.Model):
    """That a listed price is to fall, from what it stands at to what, why, and when: published for objection, then in
    force (JS20-11B; linkage SZ20-5.3.3, JS20-13b, GD25-3.6a). Prices are CNY a pricing unit."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12)
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    listing = models.ForeignKey("catalog.Listing", models.PROTECT, related_name="+")
    price_group = models.ForeignKey("catalog.PriceGroup", models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    old_price = models.DecimalField(max_digits=14, decimal_places=4)
    new_price = models.DecimalField(max_digits=14, decimal_places=4)
    # What rule `price.linked` rests the new price on, what it was asked with, the clause it cites.
    ground = models.CharField(max_length=12)
    ground_number = models.CharField(max_length=20, blank=True)
    ground_facts = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    clause = models.CharField(max_length=30)
    state = models.CharField(max_length=12, choices=NoticeState.choices(), default=NoticeState.PUBLISHED)
    publication = models.ForeignKey("publicity.Publication", models.PROTECT, related_name="+", null=True)
    opened_at = models.DateTimeField()
    effective_on = models.DateField(null=True)
    ended_note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["LINKAGE", "CUT"]), name="price_notice_kind_is_known"),
            models.CheckConstraint(condition=Q(ground__in=["deal", "outside"]), name="price_notice_ground_is_known"),
            models.CheckConstraint(condition=Q(state__in=NoticeState.values()), name="price_notice_state_is_known"),
            models.CheckConstraint(
                condition=Q(new_price__gt=0, new_price__lt=F("old_price")), name="a_notice_only_lowers"
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.EFFECTIVE) ^ Q(effective_on=None), name="a_notice_in_force_has_its_day"
            ),
            models.UniqueConstraint(
                fields=["region", "price_group", "new_price"],
                condition=Q(state=NoticeState.PUBLISHED),
                name="a_price_is_under_notice_once",
            ),
        ]
        indexes = [models.Index(fields=["platform", "state", "-id"]), models.Index(fields=["manufacturer", "-id"])]
