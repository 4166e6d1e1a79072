import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# As `catalog.queries.codes.pairs_of`: neighbouring characters, none with white space, a number a pair.
PAIRS_OF = r"""array(
  select distinct (((ascii(one) & 65535) - 32768) << 16) + (ascii(other) & 65535)
    from rows from (unnest(string_to_array(search_text, null)), unnest((string_to_array(search_text, null))[2:]))
         as pairs(one, other)
   where one !~ '\s' and other !~ '\s')"""
FILLED = f"""
alter table catalog_nationalcode no force row level security;
update catalog_nationalcode set search_pairs = {PAIRS_OF} where search_text <> '';
alter table catalog_nationalcode force row level security;
"""
DROPPED = "drop index catalog_nationalcode_bigrams; drop function public.bigrams(text);"
# The index before, by a function of the same pairs as text.
BEFORE = r"""
create function public.bigrams(value text) returns text[]
language plpgsql immutable strict parallel safe as $$
declare
  letters text[] := pg_catalog.string_to_array(
    pg_catalog.regexp_replace(pg_catalog.lower(value), '\s', ' ', 'g'), null);
begin
  return array(select x operator(pg_catalog.||) y
                 from rows from (pg_catalog.unnest(letters), pg_catalog.unnest(letters[2:])) as pairs(x, y)
                where x operator(pg_catalog.<>) ' ' and y operator(pg_catalog.<>) ' ');
end $$;
create index catalog_nationalcode_bigrams on catalog_nationalcode using gin (public.bigrams(search_text));
"""


class Migration(migrations.Migration):
    """The pairs of the search index as numbers in a column: computing them in the database and sorting them as texts
    took half of an import."""

    dependencies = [("catalog", "0003_unlisted")]
    operations = [
        migrations.AddField(
            model_name="nationalcode",
            name="search_pairs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="stagedcode",
            name="search_pairs",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.RunSQL(DROPPED, BEFORE),
        migrations.AddIndex(
            model_name="nationalcode",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search_pairs"], name="catalog_nationalcode_pairs"),
        ),
    ]
