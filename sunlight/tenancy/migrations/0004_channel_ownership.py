from django.db import migrations, models

# What stood for what. A government's institution is taken as one of county level or above, the usual case; a township's
# is corrected by the operator. 非营利 beside the others can only have meant a private one, which is not public (A36).
KINDS = {
    "government": "government_county",
    "state_enterprise": "state_enterprise_nonprofit",
    "non_profit": "private_nonprofit",
}
PUBLIC = ("government_county", "government_township", "state_enterprise_nonprofit")
IN_HUBEI = ("government_county", "state_enterprise_nonprofit", "military")


def texts(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


CASES = " ".join(f"when '{old}' then '{new}'" for old, new in KINDS.items())
FILL = f"""
alter table tenancy_organisation no force row level security;
alter table tenancy_region no force row level security;
update tenancy_organisation set ownership = case ownership {CASES} else ownership end where kind = 'HOSPITAL';
update tenancy_organisation o set is_public = o.ownership in ({texts(PUBLIC)}) where kind = 'HOSPITAL';
update tenancy_organisation o set is_public = o.ownership in ({texts(IN_HUBEI)})
  from tenancy_region r where r.id = o.region_id and r.code like 'CN-HB%' and o.kind = 'HOSPITAL';
alter table tenancy_region force row level security;
alter table tenancy_organisation force row level security;
"""
CHOICES = [
    ("government_county", "县级及以上政府办"),
    ("government_township", "乡镇（街道）政府办"),
    ("state_enterprise_nonprofit", "国有及国有控股企业办（非营利）"),
    ("military", "军队"),
    ("private_nonprofit", "社会办非营利"),
    ("private", "社会办营利"),
]


class Migration(migrations.Migration):
    """Who runs a hospital, in the kinds the texts distinguish; whether it is public follows (A36). Deals recorded before
    keep what they said."""

    dependencies = [("tenancy", "0003_drafts_switch")]
    operations = [
        migrations.AlterField(
            "organisation", "ownership", models.CharField(blank=True, choices=CHOICES, max_length=30)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "organisation",
            models.CheckConstraint(
                condition=models.Q(("kind", "HOSPITAL"), _negated=True)
                | models.Q(("ownership__in", [kind for kind, _ in CHOICES])),
                name="a_hospital_says_who_runs_it",
            ),
        ),
    ]
