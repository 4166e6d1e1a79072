-- Who is asking: the ticket of a scope. `sunlight.scope.tickets` writes it, the policies of the wall read it.
--
-- A ticket is claims and their HMAC-SHA-256, made by the process with a key that no role of the application can read:
--
--   role|pid.moment|platform|party|platforms|regions|principal's kind|principal's id|person|organisation|mac
--
-- `pid.moment` names the one transaction it is for, by its backend and the moment it began, as the database told them to the
-- process; so it is worth nothing in any other. Whatever does not fit yields null, and with it no row at all.

create schema sun_secret;
revoke all on schema sun_secret from public;
-- The pads of HMAC, ready: two while a key is changed. `manage.py migrate` and `manage.py ticket_keys` write them.
create table sun_secret.ticket_key (inner_pad bytea not null, outer_pad bytea not null);

create function sun_transaction() returns text language sql stable parallel restricted
  return pg_catalog.pg_backend_pid() || '.' || extract(epoch from pg_catalog.transaction_timestamp());

-- The claims of a valid ticket of the role that is asked for, otherwise null.
create function sun_claims(asked text) returns text[] language plpgsql stable parallel restricted security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  ticket text := current_setting('sun.ticket', true);
  signed bytea := convert_to(left(ticket, -65), 'UTF8');
  claims text[] := string_to_array(left(ticket, -65), '|');
begin
  if claims[1] = asked
     and claims[2] = pg_backend_pid() || '.' || extract(epoch from transaction_timestamp())
     and exists (select from sun_secret.ticket_key
                  where encode(sha256(outer_pad || sha256(inner_pad || signed)), 'hex') = right(ticket, 64)) then
    return claims;
  end if;
  return null;
end $$;

-- What policies ask, each with the role it is written to, in a sub-select: once per statement and not once per row. Simple
-- enough for the planner to put the body in the place of the call, and resolved when made, so that no search path changes
-- what they mean.
create function sun_in_scope(asked text) returns boolean language sql stable parallel restricted
  return sun_claims(asked) is not null;
create function sun_platform(asked text) returns bigint language sql stable parallel restricted
  return (sun_claims(asked))[3]::bigint;
create function sun_party(asked text) returns bigint language sql stable parallel restricted
  return (sun_claims(asked))[4]::bigint;
create function sun_platforms(asked text) returns bigint[] language sql stable parallel restricted
  return (sun_claims(asked))[5]::bigint[];
create function sun_regions(asked text) returns bigint[] language sql stable parallel restricted
  return (sun_claims(asked))[6]::bigint[];
-- Who acts and for which person, as rows keep them: 'person:9:4', 'system:0:'.
create function sun_who(asked text) returns text language sql stable parallel restricted
  return array_to_string((sun_claims(asked))[7:9], ':');

-- Locks by name. Whoever is in no scope takes none; a name that is not shared is the platform's alone, so that no party holds
-- up what the platform does. Functions of PostgreSQL that lock by number are taken from everybody by roles.sql.
create function sun_lock_key(name text, keys text, shared boolean) returns bigint language sql immutable
  return hashtextextended(case when shared then 'shared ' else 'own ' end || name || chr(31) || keys, 0);

create function sun_alone(name text, keys text, wait boolean, shared boolean) returns boolean language plpgsql volatile
  security definer set search_path = pg_catalog, pg_temp as $$
declare asks text := split_part(current_setting('sun.ticket', true), '|', 1);
begin
  if public.sun_claims(asks) is null or not (shared or asks in ('sun_platform', 'sun_login')) then
    raise exception 'the lock % is not for %', name, asks using errcode = 'insufficient_privilege';
  end if;
  if wait then
    perform pg_advisory_xact_lock(public.sun_lock_key(name, keys, shared));
    return true;
  end if;
  return pg_try_advisory_xact_lock(public.sun_lock_key(name, keys, shared));
end $$;

-- The same for as long as the connection lasts or lets go, for the platform's own background work.
create function sun_alone_for_long(name text, keys text) returns boolean language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  if (public.sun_claims('sun_platform'))[7] is distinct from 'system' then
    raise exception 'the lock % is the background''s', name using errcode = 'insufficient_privilege';
  end if;
  return pg_try_advisory_lock(public.sun_lock_key(name, keys, false));
end $$;
create function sun_let_go(name text, keys text) returns boolean language sql volatile security definer
  set search_path = pg_catalog, pg_temp
  as $$ select pg_advisory_unlock(public.sun_lock_key(name, keys, false)) $$;
