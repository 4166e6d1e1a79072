"""One row of any model, made from what the model says of itself: for tests that must reach every table.

`Planter(parties, base)` fills required fields by their type and name, parents first, every row with the id `base` and with
the parties' canary in its texts. It writes as the platform itself and knows no service, so it proves nothing about them.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from sunlight.scope.fields import acted_by
from sunlight.tenancy.models import Organisation, Platform, Region
from tests.house import INSTALLED

DAY, MOMENT = date(2026, 3, 2), datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
# Made by services, public or belonging to the login: not planted.
BY_SERVICES = {
    "Region",
    "Platform",
    "Organisation",
    "ProducerName",
    "Registration",
    "Restriction",
    "Standing",
    "Person",
    "PersonIdentity",
    "AccountLetter",
    "User",
    "Membership",
    "ApiToken",
    "MachineDuty",
    "Mandate",
    "MandateUse",
    "LoginRecord",
    "PastPassword",
    "Session",
    "Factor",
    "RecoveryCode",
    "OAuthClient",
    "OAuthSecret",
    "OAuthToken",
    # Versions of rows are written by the rows' own triggers.
    "RowFact",
}
# Everybody may read these: the national catalogue, what is published, who is registered.
PUBLIC = {
    "journal_checkpoint",
    "publicity_publication",
    "supervision_actdocument",
    "catalog_certificate",
    "catalog_certificateunit",
    "catalog_nationalcode",
    "catalog_platformlisting",
    "pricing_codechange",
    "pricing_feedposition",
    "pricing_listedprice",
    "pricing_pricedistribution",
    "pricing_priceinformation",
    "pricing_provinceprice",
    "pricing_pricepublication",
    "pricing_pricenotice",
    "pricing_referenceprice",
    "tenancy_organisation",
    "tenancy_platform",
    "tenancy_producername",
    "tenancy_region",
    "tenancy_registration",
    "tenancy_restriction",
    "tenancy_standing",
}
# Everybody trading may read these; an office those of its platforms.
OFFICES_OWN = {"pricing_pricenotice", "pricing_referenceprice"}
# Private to their maker before they were listed; every platform reads them.
PLATFORMS_READ = {"catalog_pack", "catalog_pricegroup"}
# Parties that the row names and that still may not see it: the operator's own tables.
OPERATORS_OWN = {
    "registration_registrationapplication",
    "registration_registrationdocument",
    "sunlight_messages_mail",
    "sunlight_messages_notice",
    "catalog_stagedcode",
    "publicity_objection",
    "journal_checkpointdelivery",
    "journal_seal",
    "journal_sealingmark",
    "pricing_nightlychunk",
    "pricing_nightlyrun",
    "settlement_banknotice",
    "settlement_bankstatement",
    "settlement_instructionexport",
    "settlement_statementline",
    "supervision_dailyfigure",
    "tenancy_draftsswitch",
    # What an authority writes with, before a letter is sent.
    "letters_letterhead",
    "letters_lettertemplate",
    "supervision_journalcheck",
    "reconciliation_reconciliation",
    "reconciliation_discrepancy",
    *(
        WATCHERS_OWN := {
            "supervision_policydraft",
            "supervision_whatifrun",
            "supervision_whatifsum",
            "supervision_whatifchange",
        }
    ),
}


def red_invoice(planter: "Planter") -> models.Model:
    """Another invoice, which takes back some of the planted one."""
    blue = planter.row(apps.get_model("settlement.Invoice"))
    values = {field.attname: getattr(blue, field.attname) for field in blue._meta.concrete_fields}
    number = f"{planter.base + 1_000:020d}"
    red = {"id": planter.base + 1_000, "number": number, "kind": "RED", "reddens_id": blue.id, "red_reason": "RETURN"}
    made = type(blue)(**values | red)
    made.save(force_insert=True)
    return made


# What CHECK constraints or unique keys ask beyond a field's type.
SPECIAL: dict[str, dict] = {
    # A price of 1 and a quantity of 1, in fen.
    "procurement.OrderLine": {"amount_fen": 100},
    # Its parties see what is decided.
    "procurement.Clearance": {"state": "GRANTED", "decided_at": MOMENT},
    "procurement.ClearanceUse": {"source_kind": "OFFER", "given_back": 0},
    "approval.ApprovalDelegation": {"delegate_id": 2},
    "registration.RegistrationApplication": {"organisation": None, "credit_code": "", "submitted_at": MOMENT},
    "tenancy.AccessChange": {"kind": "member_enable", "asked_for_person_id": 1},
    "tenancy.DraftsSwitch": {"before": "warn", "after": "binding"},
    "tenancy.BankAccount": {"is_default": False},
    "catalog.NationalCode": {"kind": "consumable", "code": lambda p: f"C{p.base % 10**15:026d}"},
    "catalog.Listing": {"catalogue": ""},
    "pricing.PriceInformation": {"alert_source": "none", "alert_line": None},
    "pricing.PriceNotice": {"kind": "LINKAGE", "ground": "deal", "old_price": 2, "new_price": 1},
    "pricing.NightlyRun": {"reach": "FIRST", "digest": ""},
    "pricing.NightlyChunk": {"digest": ""},
    "settlement.Account": {"kind": "DEPOSIT", "organisation": lambda p: p.parties.hospital},
    "settlement.Balance": {"kind": "DEPOSIT", "organisation": lambda p: p.parties.hospital},
    "settlement.StatementLine": {"organisation": None},
    "publicity.Publication": {"number": lambda p: str(p.base), "ends_on": DAY.replace(year=2027)},
    "deadlines.Deadline": {"kind": "order_answer", "subject_type": "order", "days": 2, "demanded_by": ""},
    "procurement.SupplyContract": {
        "seller_consent": None,
        "seller_consent_number": "",
        "seller_consent_clause": "",
        "seller_consent_fen": None,
    },
    "supervision.Finding": {"matter": "payments_late"},
    "supervision.PolicyDraft": {"status": "draft", "edits": []},
    "supervision.WhatIfRun": {"drafts": "", "totals": {}, "titles": [], "amendments": []},
    "settlement.Invoice": {"net_fen": 1, "tax_fen": 1, "amount_fen": 2, "verifier": "", "red_reason": ""},
    "settlement.Payable": {"hold_reason": ""},
    "settlement.Overpayment": {"red": red_invoice},
    "journal.Seal": {"event": lambda p: p.row(apps.get_model("journal.Event"))},
    "journal.EventReader": {"organisation_id": lambda p: p.parties.hospital.id},
    "journal.CheckpointDelivery": {"channel": "file"},
    # Sent, so that its addressee, the hospital, sees it; the sender stands in no party's place.
    "letters.Letter": {
        "sender": lambda p: p.parties.maker,
        "addressee": lambda p: p.parties.hospital,
        "term_days": 1,
        "state": "DELIVERED",
        "year": 2026,
        "serial": 1,
        "number": lambda p: f"{p.parties.canary}〔2026〕{p.base}号",
        "text_sha256": "0" * 64,
        "sent_at": MOMENT,
        "sent_for_person_id": 1,
        "submitted_for_person_id": 2,
        "delivered_at": MOMENT,
        "due_on": DAY,
    },
    "letters.LetterTemplate": {"term_days": 1},
    "letters.LetterExtension": {"due_before": DAY, "until": DAY.replace(year=2027)},
    "journal.Event": {"parties": lambda p: p.party_ids()},
    "journal.Decision": {"parties": lambda p: p.party_ids()},
    "journal.Refusal": {"parties": lambda p: p.party_ids()},
}
ROLE_OF_FIELD = {
    "buyer": "hospital",
    "hospital": "hospital",
    "organisation": "hospital",
    "seller": "maker",
    "owes": "maker",
    "awaits": "hospital",
    "manufacturer": "maker",
    "distributor": "distributor",
    "payee": "distributor",
    "issuer": "distributor",
}


@dataclass(frozen=True)
class Parties:
    """Whose rows are planted, where, and the text that must never be read elsewhere."""

    platform: Platform
    region: Region
    hospital: Organisation
    maker: Organisation
    distributor: Organisation
    canary: str


def plantable() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_config.name in INSTALLED and model.__name__ not in BY_SERVICES and model._meta.managed
    ]


def _initial_states() -> dict[frozenset, str]:
    from tests.architecture.test_schema import machines

    return {frozenset(map(str, machine.states)): str(machine.initial) for machine in machines().values()}


@dataclass
class Planter:
    parties: Parties
    base: int
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)

    def party_ids(self) -> list[int]:
        return [self.parties.hospital.id, self.parties.maker.id, self.parties.distributor.id]

    def all(self) -> dict[type[models.Model], models.Model]:
        for model in plantable():
            self.row(model)
        self.balance()
        return self.rows

    def balance(self) -> None:
        """The leg that an entry's single leg lacks; the ledger's own trigger demands it at commit."""
        leg = self.row(apps.get_model("settlement.Leg"))
        values = {f.attname: getattr(leg, f.attname) for f in leg._meta.concrete_fields}
        type(leg)(**{**values, "id": self.base + 1_000, "side": {"DEBIT": "CREDIT", "CREDIT": "DEBIT"}[leg.side]}).save(
            force_insert=True
        )

    def row(self, model: type[models.Model]) -> models.Model:
        if model not in self.rows:
            special = SPECIAL.get(f"{model._meta.app_label}.{model.__name__}", {})
            values = {"pk": self.base}
            for each in model._meta.concrete_fields:
                if each.primary_key:
                    continue
                if each.name in special:
                    value = special[each.name]
                    values[each.name] = value(self) if callable(value) else value
                elif (value := self.value(model, each)) is not None:
                    values[each.name] = value
            made = model(**values)
            made.save(force_insert=True)
            self.rows[model] = made
        return self.rows[model]

    def value(self, model, each):
        """A value for one field, or None to leave its default."""
        if isinstance(each, models.ForeignKey):
            return self.related(each)
        if each.name == "platform_id":
            return self.parties.platform.id
        if each.name == "province":
            return "320000"
        attribute, _, column = each.name.rpartition("_")
        if attribute == "actor" and model._meta.app_label == "journal" and column in ("kind", "id"):
            # As the ticket of whoever plants says; nobody records in another's name.
            return {"kind": "system", "id": 0}.get(column) if each.name != "actor_organisation_id" else None
        if column in ("kind", "id") and isinstance(getattr(model, attribute, None), type(acted_by())):
            return None if each.null else {"kind": "person", "id": 1}[column]
        if isinstance(each, models.CharField | models.TextField):
            return self.text(model, each)
        if each.null or each.has_default():
            return None
        for kind, value in (
            (models.DateTimeField, MOMENT),
            (models.DateField, _day(each.name)),
            (models.DecimalField, Decimal(1)),
            (models.BooleanField, False),
            (models.BinaryField, self.parties.canary.encode()),
            (models.IntegerField, 1),
            (models.JSONField, {}),
            (ArrayField, []),
        ):
            if isinstance(each, kind):
                return value
        raise AssertionError(f"tests/rows.py knows no value for {model.__name__}.{each.name} ({type(each).__name__})")

    def related(self, each: models.ForeignKey):
        target = each.related_model
        if target is Platform:
            return self.parties.platform
        if target is Region:
            return self.parties.region
        if target is Organisation:
            name = ROLE_OF_FIELD.get(each.name)
            return getattr(self.parties, name) if name else None
        return None if each.null else self.row(target)

    def text(self, model, each):
        if each.choices:
            values = frozenset(value for value, _ in each.flatchoices)
            return _initial_states().get(values) or (None if each.blank else each.flatchoices[0][0])
        if allowed := _listed(model, each):
            return allowed[0]
        length = each.max_length or 60
        canary = "公开" if model._meta.db_table in PUBLIC else self.parties.canary
        if length >= len(canary) + 12:
            return f"{canary} {self.base}"
        return None if each.blank or each.has_default() else str(self.base)[-length:]


def _day(name: str) -> date:
    """Ends lie after beginnings."""
    return DAY.replace(year=2027) if re.search(r"_(to|until)$|^ends", name) else DAY


def _listed(model, each) -> list[str]:
    """The values a CHECK of the database allows in a column, where one lists them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'c'",
            [model._meta.db_table],
        )
        for (text,) in cursor.fetchall():
            if re.match(rf"CHECK \(\(\(?{each.column}\)?::text = ANY \(", text):
                return re.findall(r"'([^']+)'", text)
    return []
