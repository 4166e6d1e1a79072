"""Regions, platforms, organisations and the people and machines that act for them."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from sunlight.scope.fields import acted_by
from sunlight.scope.roles import OrganisationKind, Role
from sunlight.tenancy.access import AccessChange, AccountLetter, PersonIdentity  # noqa: F401
from sunlight.tenancy.answering import (  # noqa: F401  # noqa: F401
    NEVER,
    MachineDuty,
    Mandate,
    MandateUse,
    OAuthClient,
    OAuthSecret,
    OAuthToken,
)

# Django looks for an app's models here.
from sunlight.tenancy.bank_account import BankAccount  # noqa: F401
from sunlight.tenancy.drafts import DraftsSwitch  # noqa: F401
from sunlight.tenancy.rules import OWNERSHIPS
from sunlight.tenancy.standing import Restriction, Standing  # noqa: F401


class Region(models.Model):
    """A part of the country that makes rules: CN-GD-SZ in CN-GD in CN."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, blank=True)


class Platform(models.Model):
    """A tenant: the sunlight platform that trades for one region."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    # What a draft act does here: "binding" refuses, "warn" only warns (assumption A1).
    drafts = models.CharField(max_length=8, default="warn")
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(drafts__in=["binding", "warn"]), name="drafts_bind_or_warn"),
        ]


class HospitalLevel(models.TextChoices):
    TERTIARY = "tertiary", "三级"
    SECONDARY = "secondary", "二级"
    PRIMARY = "primary", "一级"
    UNRATED = "unrated", "未定级"


class Ownership(models.TextChoices):
    """Who runs an institution; with its region it decides whether it is public and whether taking part is a duty
    (SZ20-3.1, HB20-2a, JS20-2, A36)."""

    GOVERNMENT_COUNTY = "government_county", OWNERSHIPS["government_county"]
    GOVERNMENT_TOWNSHIP = "government_township", OWNERSHIPS["government_township"]
    STATE_ENTERPRISE_NONPROFIT = "state_enterprise_nonprofit", OWNERSHIPS["state_enterprise_nonprofit"]
    MILITARY = "military", OWNERSHIPS["military"]
    PRIVATE_NONPROFIT = "private_nonprofit", OWNERSHIPS["private_nonprofit"]
    PRIVATE = "private", OWNERSHIPS["private"]


class Organisation(models.Model):
    """A hospital, supplier, operator, authority or the platform itself. Its names and codes are public."""

    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in OrganisationKind])
    name = models.CharField(max_length=200)
    name_initials = models.CharField(max_length=200, blank=True, db_index=True)
    credit_code = models.CharField(max_length=18, unique=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    # Hospitals
    hospital_code = models.CharField(max_length=12, blank=True)
    area_code = models.CharField(max_length=6, blank=True)
    level = models.CharField(max_length=10, choices=HospitalLevel.choices, blank=True)
    ownership = models.CharField(max_length=30, choices=Ownership.choices, blank=True)
    # Follows from ownership and region at registration (`tenancy.public_ownership`, A36).
    is_public = models.BooleanField(default=False)
    # Suppliers
    is_manufacturer = models.BooleanField(default=False)
    is_distributor = models.BooleanField(default=False)
    # Regulators: 医保 insurance, 卫健 health, 市监 market, 纪检 discipline (SZ20-4.1)
    authority = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kind="HOSPITAL") | ~Q(level=""), name="a_hospital_has_a_level"),
            models.CheckConstraint(
                condition=~Q(kind="HOSPITAL") | Q(ownership__in=list(OWNERSHIPS)), name="a_hospital_says_who_runs_it"
            ),
            models.CheckConstraint(
                condition=~Q(kind="SUPPLIER") | Q(is_manufacturer=True) | Q(is_distributor=True),
                name="a_supplier_makes_or_distributes",
            ),
            models.CheckConstraint(
                condition=~Q(kind="REGULATOR") | ~Q(authority=""), name="a_regulator_names_its_authority"
            ),
        ]


class ProducerName(models.Model):
    """A name under which the national catalogue knows products of this supplier: its own, or the foreign maker's whose
    general agent it is (HB20-2b, JS20-1)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    is_agent = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="a_producer_name_once")]


class Registration(models.Model):
    """An organisation admitted to a platform, with the codes others know it by there."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    registered_on = models.DateField()
    approved_at = models.DateTimeField(null=True)
    approved_by = acted_by()
    legacy_code = models.CharField(max_length=20, blank=True)
    # Hospitals: whether taking part is a duty or a choice, and the clause that says so.
    participation = models.CharField(max_length=10, blank=True)
    participation_clause = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "organisation"], name="an_organisation_registers_once_on_a_platform"
            ),
        ]


class Profile(models.Model):
    """What an organisation declares about itself at registration, kept so that related firms can be found."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    legal_representative = models.CharField(max_length=60)
    legal_representative_id = models.CharField(max_length=40, blank=True)
    registered_address = models.CharField(max_length=300, blank=True)
    business_address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=120, blank=True)
    declared_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "organisation", "declared_on"], name="one_profile_a_day")
        ]


class Contact(models.Model):
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    duty = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    declared_on = models.DateField()


class Stake(models.Model):
    """A shareholder or controller as declared; share in percent."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    holder_name = models.CharField(max_length=200)
    holder_code = models.CharField(max_length=40, blank=True)
    share = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    is_controller = models.BooleanField(default=False)
    declared_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gt=0, share__lte=100), name="a_share_is_a_percentage"
            ),
        ]


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class Person(models.Model):
    """A human being, whatever accounts they have: what four eyes compare."""

    created_at = models.DateTimeField()


class User(AbstractBaseUser):
    """An account of a person. Rights come from memberships alone; there is no superuser."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    # Set with every password; empty for one set before this was kept.
    password_set_at = models.DateTimeField(null=True)
    must_change_password = models.BooleanField(default=False)
    # Until then the account approves, signs and releases nothing: its password, second factor, phone or mail is new.
    held_until = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"
    objects = UserManager()


class PastPassword(models.Model):
    """The hash of a password a person had before; the last few may not come back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    hash = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()


class Factor(models.Model):
    """A person's second factor: a code generator, a passkey or a client certificate."""

    KINDS = [("totp", "动态口令"), ("passkey", "通行密钥"), ("certificate", "数字证书")]

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=KINDS)
    name = models.CharField(max_length=60, blank=True)
    # A generator's secret, sealed with `suite`; a passkey's public credential; empty for a certificate.
    data = models.BinaryField(default=b"")
    suite = models.CharField(max_length=40, blank=True)
    # Which passkey or certificate, in hex: its credential's id, its SHA-256 fingerprint.
    identifier = models.CharField(max_length=2048, blank=True)
    # The last time step a generator's code was taken for, a passkey's last count: neither may come again.
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    # A generator counts only once its first code was given.
    confirmed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["totp", "passkey", "certificate"]), name="factor_kind_is_known"
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(kind="totp"), name="one_code_generator_each"),
            models.UniqueConstraint(
                fields=["kind", "identifier"], condition=~Q(identifier=""), name="a_key_belongs_to_one_person"
            ),
        ]


class RecoveryCode(models.Model):
    """A code for the day the second factor is lost: 80 random bits, kept as a digest, good once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Session(AbstractBaseSession):
    """A browser that is logged in: whose, since when, last seen when, from where."""

    user_id = models.BigIntegerField(null=True, db_index=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=300, blank=True)


class Membership(models.Model):
    """What a person may do for one organisation on one platform."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=40, choices=[(r.value, r.value) for r in Role]))
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "platform"], name="one_membership_each"),
        ]


class ApiToken(models.Model):
    """A machine's key: belongs to one organisation on one platform, with the roles it may use. Only the hash is kept."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    roles = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    created_by = acted_by()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="a_token_expires_after_it_begins"),
            models.CheckConstraint(condition=~Q(roles__overlap=NEVER), name="a_token_is_no_administrator"),
        ]


class LoginRecord(models.Model):
    """Every login attempt, with time, address and client (related-firm analysis, SZ20-6.1b)."""

    username = models.CharField(max_length=60)
    user_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    succeeded = models.BooleanField()
    # Not even checked, because of too many failures before; such attempts do not extend the lock.
    locked = models.BooleanField(default=False)
    # The password was right and a second factor is still to come: neither a failure nor an entry yet.
    awaits_factor = models.BooleanField(default=False)
    address = models.CharField(max_length=64)
    agent = models.CharField(max_length=300)
    # The number of the known device it came from; empty where the person was not known there.
    device = models.CharField(max_length=32, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["username", "-at"]), models.Index(fields=["address", "-at"])]
