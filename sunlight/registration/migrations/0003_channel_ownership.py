from django.db import migrations

CASES = (
    "when 'government' then 'government_county' when 'state_enterprise' then 'state_enterprise_nonprofit'"
    " when 'non_profit' then 'private_nonprofit'"
)
FILL = f"""
alter table registration_registrationapplication no force row level security;
update registration_registrationapplication
  set declared = jsonb_set(declared, '{{ownership}}', to_jsonb(case declared->>'ownership' {CASES} end))
  where declared->>'ownership' in ('government', 'state_enterprise', 'non_profit');
alter table registration_registrationapplication force row level security;
"""


class Migration(migrations.Migration):
    """Applications name who runs a hospital as the organisation does; the commitment's text stays as it was signed."""

    dependencies = [("registration", "0002_wall"), ("tenancy", "0004_channel_ownership")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
