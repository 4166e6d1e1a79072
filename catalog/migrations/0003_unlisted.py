from django.db import migrations, models

from sunlight.scope import wall

OWN = f"manufacturer_id = {wall.PARTY}"
# As a function the question costs nothing where the row was listed, which is nearly always: written out, the planner
# would count the sub-select for every row and leave its indexes.
SEEN = """
create function sun_listing_is_seen(listing bigint) returns boolean language sql stable parallel safe cost 1 as $$
  select exists (select 1 from public.catalog_listing where id = listing)
$$;
"""
# What was listed once stays public, so the columns only ever become true. They follow the listing whoever writes it.
FOLLOW = """
create function sun_listing_shows() returns trigger language plpgsql as $$
declare
  listed catalog_pricegroup;
begin
  select * into listed from catalog_pricegroup where id = new.price_group_id;
  -- The first group listed sets the unit of its certificate and code; two at once wait for each other here.
  insert into catalog_certificateunit (certificate_id, generic_code, unit)
    values (listed.certificate_id, listed.generic_code, listed.pricing_unit) on conflict do nothing;
  if exists (select 1 from catalog_certificateunit u
              where u.certificate_id = listed.certificate_id and u.generic_code = listed.generic_code
                and u.unit <> listed.pricing_unit) then
    raise exception 'certificate % has another pricing unit', listed.certificate_id
      using errcode = 'integrity_constraint_violation', constraint = 'a_certificate_and_code_has_one_unit';
  end if;
  update catalog_listedspecification set was_listed = true where listing_id = new.id and not was_listed;
  update catalog_pricegroup set was_listed = true where id = new.price_group_id and not was_listed;
  return null;
end $$;
create trigger a_listing_shows_what_it_covers after insert or update of listed_on on catalog_listing
  for each row when (new.listed_on is not null) execute function sun_listing_shows();
create function sun_specification_follows() returns trigger language plpgsql as $$
begin
  new.was_listed := exists (select 1 from catalog_listing where id = new.listing_id and listed_on is not null);
  return new;
end $$;
create trigger a_specification_follows_its_listing before insert on catalog_listedspecification
  for each row execute function sun_specification_follows();
"""
UNFOLLOW = """
drop trigger a_specification_follows_its_listing on catalog_listedspecification;
drop function sun_specification_follows();
drop trigger a_listing_shows_what_it_covers on catalog_listing;
drop function sun_listing_shows();
"""
WALLED = ("catalog_listing", "catalog_listedspecification", "catalog_pricegroup")
FILL = (
    "".join(f"alter table {table} no force row level security;" for table in WALLED)
    + "update catalog_listedspecification s set was_listed = true from catalog_listing l"
    " where l.id = s.listing_id and l.listed_on is not null;"
    " update catalog_pricegroup g set was_listed = true"
    " where exists (select 1 from catalog_listing l where l.price_group_id = g.id and l.listed_on is not null);"
    + "".join(f"alter table {table} force row level security;" for table in WALLED)
)
COVERED = "was_listed or sun_listing_is_seen(listing_id)"
OF_A_GROUP = "exists (select 1 from catalog_pricegroup g where g.id = price_group_id)"
OF_OWN_GROUP = (
    f"exists (select 1 from catalog_pricegroup g where g.id = price_group_id and g.manufacturer_id = {wall.PARTY})"
)
OF_OWN_LISTING = (
    f"exists (select 1 from catalog_listing l where l.id = listing_id and l.manufacturer_id = {wall.PARTY})"
)


class Migration(migrations.Migration):
    """What an application covers - its specifications, its price group, its packs - is nobody else's business before it
    is listed: the wall of the application itself, 0002, for what hangs on it."""

    dependencies = [("catalog", "0002_wall")]
    operations = [
        migrations.AddField("listedspecification", "was_listed", models.BooleanField(db_default=False)),
        migrations.AddField("pricegroup", "was_listed", models.BooleanField(db_default=False)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(SEEN, "drop function sun_listing_is_seen(bigint);"),
        migrations.RunSQL(FOLLOW, UNFOLLOW),
        wall.replace("catalog_listedspecification", "sun_hospital", wall.READ, {"select": COVERED}),
        wall.replace(
            "catalog_listedspecification",
            "sun_supplier",
            "select, insert, delete",
            {"select": COVERED, "insert": OF_OWN_LISTING, "delete": OF_OWN_LISTING},
        ),
        wall.replace(
            "catalog_listedspecification",
            "sun_platform",
            wall.WRITE,
            {
                "select": COVERED,
                "insert": f"{wall.ANYBODY} and ({COVERED})",
                "update": f"{wall.ANYBODY} and ({COVERED})",
            },
        ),
        wall.replace("catalog_pricegroup", "sun_hospital", wall.READ, {"select": "was_listed"}),
        wall.replace(
            "catalog_pricegroup", "sun_supplier", wall.APPEND, {"select": f"was_listed or {OWN}", "insert": OWN}
        ),
        wall.replace("catalog_pack", "sun_hospital", wall.READ, {"select": OF_A_GROUP}),
        wall.replace("catalog_pack", "sun_supplier", wall.APPEND, {"select": OF_A_GROUP, "insert": OF_OWN_GROUP}),
    ]
