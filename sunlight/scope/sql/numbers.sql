-- Numbers of papers, 20 digits: the business day and twelve digits that say nothing of how many came before. One counter for
-- everything and everybody, so a number is never given twice, and a keyed permutation of it, another one every day: Feistel over
-- two halves of six digits. Nobody of the application sees counter or key.
create sequence sun_secret.number;
create table sun_secret.number_key (secret bytea not null);
insert into sun_secret.number_key
  select decode(replace(gen_random_uuid() || '' || gen_random_uuid(), '-', ''), 'hex');

create function sun_numbers(business_day date, how_many integer) returns setof text language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  secret bytea;
  counted bigint;
  high bigint; low bigint; next bigint;
begin
  select sha256(k.secret || convert_to(to_char(business_day, 'YYYYMMDD'), 'UTF8')) into secret from sun_secret.number_key k;
  for i in 1 .. how_many loop
    counted := nextval('sun_secret.number') % 1000000000000;
    high := counted / 1000000;
    low := counted % 1000000;
    for round in 1 .. 8 loop
      next := (high + ('x' || encode(substr(sha256(secret || int8send(round * 1000000 + low)), 1, 7), 'hex'))::bit(56)::bigint) % 1000000;
      high := low;
      low := next;
    end loop;
    return next to_char(business_day, 'YYYYMMDD') || lpad((high * 1000000 + low)::text, 12, '0');
  end loop;
end $$;
