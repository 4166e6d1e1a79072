from django.db import migrations

# Every two neighbouring characters of a text, in lower case. An index on them finds Chinese words of two characters,
# which trigrams cannot. Calls are schema-qualified: an index is built with a narrow search_path.
BIGRAMS = r"""
create function public.bigrams(value text) returns text[]
language sql immutable strict parallel safe as $$
  select coalesce(pg_catalog.array_agg(pair), '{}')
    from (select letter || pg_catalog.lead(letter) over (order by place) as pair
            from pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.lower(value), null))
                 with ordinality as letters(letter, place)) as pairs
   where pair is not null and pair !~ '\s'
$$;
"""


class Migration(migrations.Migration):
    """The search index of the national catalogue."""

    dependencies = [("catalog", "0002_wall")]
    operations = [
        migrations.RunSQL(BIGRAMS, "drop function public.bigrams(text);"),
        migrations.RunSQL(
            "create index catalog_nationalcode_bigrams on catalog_nationalcode"
            " using gin (public.bigrams(search_text));",
            "drop index catalog_nationalcode_bigrams;",
        ),
    ]
