"""What may be traded: the national catalogue, registration certificates, price groups and their listings."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from catalog.workflows import STANDING, ListingState
from sunlight.scope.fields import acted_by


class NationalCode(models.Model):
    """One specification of the national catalogue: a 27-digit consumable or 22-digit reagent code, as published."""

    code = models.CharField(max_length=27, unique=True)
    generic_code = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=12)
    is_retired = models.BooleanField(default=False)
    replaced_by = models.CharField(max_length=27, blank=True)
    goods_id = models.CharField(max_length=40, blank=True)
    udi_di = models.CharField(max_length=60, blank=True)
    category_1 = models.CharField(max_length=60, blank=True)
    category_2 = models.CharField(max_length=60, blank=True)
    category_3 = models.CharField(max_length=60, blank=True)
    common_name_class = models.CharField(max_length=80, blank=True)
    common_name_code = models.CharField(max_length=40, blank=True)
    common_name = models.CharField(max_length=200, blank=True)
    material = models.CharField(max_length=80, blank=True)
    feature = models.CharField(max_length=120, blank=True)
    registration_number = models.CharField(max_length=200, blank=True)
    product_name = models.CharField(max_length=500)
    producer_name = models.CharField(max_length=300)
    specification = models.TextField(blank=True)
    model = models.TextField(blank=True)
    # Names, specification and pinyin initials; its neighbouring characters as numbers, which the search index holds
    # (`catalog.queries.codes.pairs_of`): computed outside the database, where they took half of a release's import.
    search_text = models.TextField(blank=True)
    search_pairs = ArrayField(models.IntegerField(), default=list, blank=True)
    initials = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="consumable", code__regex=r"^C\d{26}$")
                | Q(kind="reagent", code__regex=r"^CJ[0-9A-Z]{20}$"),
                name="a_national_code_is_full",
            ),
        ]
        # Looked up by equality, never by a pattern: each further index would cost every row of a release.
        indexes = [
            models.Index(fields=["registration_number"]),
            models.Index(fields=["producer_name"]),
            # Of the few that were replaced: from a code back to those before it.
            models.Index(fields=["replaced_by"], condition=~Q(replaced_by=""), name="catalog_replaced_codes"),
            GinIndex(fields=["search_pairs"], name="catalog_nationalcode_pairs"),
        ]


class StagedCode(models.Model):
    """A good row of a file of the release between reading and writing: what duplicates are looked for among, and what
    the catalogue is written from in sets. `chunk` is the piece of the file it came in; `verdict` what was found among
    its duplicates. Gone when its import is over."""

    platform_id = models.BigIntegerField()
    run_id = models.BigIntegerField()
    chunk = models.IntegerField()
    verdict = models.SmallIntegerField(default=0)
    row_number = models.IntegerField()
    is_retired = models.BooleanField()
    old_code = models.TextField()
    code = models.TextField()
    generic_code = models.TextField(default="")
    kind = models.TextField(default="")
    goods_id = models.TextField(default="")
    udi_di = models.TextField(default="")
    category_1 = models.TextField(default="")
    category_2 = models.TextField(default="")
    category_3 = models.TextField(default="")
    common_name_class = models.TextField(default="")
    common_name_code = models.TextField(default="")
    common_name = models.TextField(default="")
    material = models.TextField(default="")
    feature = models.TextField(default="")
    registration_number = models.TextField(default="")
    product_name = models.TextField(default="")
    producer_name = models.TextField(default="")
    specification = models.TextField(default="")
    model = models.TextField(default="")
    search_text = models.TextField(default="")
    search_pairs = ArrayField(models.IntegerField(), default=list)
    initials = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["run_id", "chunk"])]


class Certificate(models.Model):
    """A registration certificate or filing of the drug regulator, as declared by its holder or agent."""

    number = models.CharField(max_length=200, unique=True)
    holder_name = models.CharField(max_length=300)
    product_name = models.CharField(max_length=500)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)


class CertificateUnit(models.Model):
    """The one pricing unit of a certificate and 20-digit code: that of its first price group that was listed, written by
    the database, which refuses to list a group in another unit (A83). For good, so that no delisting begins anew."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    generic_code = models.CharField(max_length=22)
    unit = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "generic_code"], name="a_certificate_and_code_has_one_unit"),
        ]


class PriceGroup(models.Model):
    """Specifications of one maker and one certificate sold at one price in one pricing unit (计价组). Before it
    `was_listed`, which the database keeps, no other party reads it. `variant` names a group that stands beside another
    of the same certificate and code, at a price of its own; the first has none."""

    manufacturer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    generic_code = models.CharField(max_length=22)
    name = models.CharField(max_length=300)
    variant = models.CharField(max_length=60, blank=True, default="")
    pricing_unit = models.CharField(max_length=20)
    initials = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    was_listed = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "certificate", "generic_code", "pricing_unit", "variant"],
                name="one_price_group_per_certificate_code_unit_and_variant",
            ),
        ]


class Pack(models.Model):
    """A pack of a price group as an integer factor of its pricing unit (盒 = 50 个)."""

    price_group = models.ForeignKey(PriceGroup, models.PROTECT, related_name="+")
    name = models.CharField(max_length=20)
    factor = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["price_group", "name"], name="a_pack_name_once_in_a_price_group"),
            models.CheckConstraint(condition=Q(factor__gt=0), name="a_pack_holds_something"),
        ]


class Listing(models.Model):
    """A price group put up for trade in a region: application, commitment, review, life."""

    number = models.CharField(max_length=20, unique=True)
    price_group = models.ForeignKey(PriceGroup, models.PROTECT, related_name="+")
    manufacturer = models.ForeignKey("tenancy.Organisation", models.PROTECT, related_name="+")
    region = models.ForeignKey("tenancy.Region", models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=ListingState.choices(), default=ListingState.DRAFT)
    declared_price = models.DecimalField(max_digits=14, decimal_places=4)
    # Where the law of its region knows two catalogues: limit with a reference price, alternative without (SZ20-5.2.1a).
    catalogue = models.CharField(max_length=12, blank=True, default="")
    # Why it is dearer than a sister, where it is.
    price_reason = models.CharField(max_length=500, blank=True, default="")
    # The listing whose price group this application's specifications joined.
    joined = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    commitment_text = models.TextField(blank=True)
    commitment_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    created_by = acted_by()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = acted_by()
    endorsed_at = models.DateTimeField(null=True)
    endorsed_by = acted_by()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = acted_by()
    review_note = models.CharField(max_length=500, blank=True)
    listed_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)
    last_delivered_on = models.DateField(null=True)
    last_sold_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ListingState.values()), name="listing_state_is_known"),
            models.CheckConstraint(condition=Q(declared_price__gt=0), name="a_listing_has_a_price"),
            models.CheckConstraint(
                condition=Q(catalogue__in=["", "limit", "alternative"]), name="a_listing_stands_in_a_known_catalogue"
            ),
            models.CheckConstraint(
                condition=Q(state=ListingState.DRAFT) | Q(submitted_at__isnull=False),
                name="a_submitted_listing_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ListingState.LISTED, ListingState.SUSPENDED, ListingState.DELISTED])
                | Q(listed_on__isnull=False),
                name="a_listed_listing_has_its_day",
            ),
            models.UniqueConstraint(
                fields=["price_group", "region"],
                condition=Q(state__in=list(STANDING)),
                name="a_price_group_is_listed_once_in_a_region",
            ),
            models.CheckConstraint(
                condition=Q(state=ListingState.JOINED, joined__isnull=False)
                | (~Q(state=ListingState.JOINED) & Q(joined=None)),
                name="only_a_joined_application_names_its_listing",
            ),
            models.CheckConstraint(
                condition=Q(endorsed_by_id=None)
                | Q(reviewed_by_id=None)
                | Q(state=ListingState.REJECTED)
                | ~(
                    Q(endorsed_by_kind=F("reviewed_by_kind"), endorsed_by_id=F("reviewed_by_id"))
                    | Q(endorsed_for_person_id=F("reviewed_for_person_id"))
                ),
                name="nobody_confirms_what_they_endorsed",
            ),
        ]
        indexes = [
            models.Index(fields=["platform", "state", "-id"]),
            models.Index(fields=["manufacturer", "-id"]),
        ]


class ListedSpecification(models.Model):
    """A specification that a listing covers. Before it `was_listed`, which the database keeps, others do not read it."""

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    national_code = models.ForeignKey(NationalCode, models.PROTECT, related_name="+")
    was_listed = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "national_code"], name="a_specification_once_in_a_listing"),
        ]


class PlatformListing(models.Model):
    """A region's listing opened for trade on one of the region's platforms (GD25-2.2b)."""

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    platform = models.ForeignKey("tenancy.Platform", models.PROTECT, related_name="+")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "platform"], condition=Q(closed_on=None), name="a_listing_is_open_once_on_a_platform"
            ),
        ]
