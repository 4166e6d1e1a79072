-- Who is asking: the ticket of a scope. `sunlight.scope.tickets` writes it, the policies of the wall read it.
--
-- A ticket is claims and their HMAC-SHA-256, made by the process with a key that no role of the application can read:
--
--   role|transaction|platform|party|platforms|regions|place|who|people|mac
--
-- The transaction is the one it is for, by its backend and the moment it began, as the database told them to the process: in
-- any other the ticket is worth nothing. `place` is platform * 2^40 + party in one number, so that a policy about both asks
-- once. `who` is principal and organisation, person:9:7, and `people` whom they may act for. Whatever does not fit yields null, and with it no row at all.

create schema sun_secret;
revoke all on schema sun_secret from public;
-- The pads of HMAC, ready, of the key and, while it is changed, of the other one that counts. One row: `manage.py migrate`
-- and `manage.py ticket_keys` write it.
create table sun_secret.ticket_key (inner_pad bytea, outer_pad bytea, other_inner_pad bytea, other_outer_pad bytea);

create function sun_transaction() returns text language sql stable parallel restricted
  return pg_backend_pid() || '.' || encode(timestamptz_send(transaction_timestamp()), 'hex');

-- The claims of a valid ticket of the role that is asked for, otherwise null. Policies ask it with the role they are written
-- to, in a sub-select: once per statement and not once per row. As few steps as will do: it is asked by every statement.
create function sun_claims(asked text) returns text[] language plpgsql stable parallel restricted security definer
  set search_path = pg_catalog, pg_temp as $$
declare
  ticket text := current_setting('sun.ticket', true);
  inner_1 bytea; outer_1 bytea; inner_2 bytea; outer_2 bytea;
begin
  if starts_with(ticket, asked || '|' || pg_backend_pid() || '.' || encode(timestamptz_send(transaction_timestamp()), 'hex') || '|') then
    select inner_pad, outer_pad, other_inner_pad, other_outer_pad into inner_1, outer_1, inner_2, outer_2 from sun_secret.ticket_key;
    if encode(sha256(outer_1 || sha256(inner_1 || convert_to(left(ticket, -65), 'UTF8'))), 'hex') = right(ticket, 64)
       or encode(sha256(outer_2 || sha256(inner_2 || convert_to(left(ticket, -65), 'UTF8'))), 'hex') = right(ticket, 64) then
      return string_to_array(ticket, '|');
    end if;
  end if;
  return null;
end $$;

-- The platform of whatever valid ticket there is, for triggers, which serve every role.
create function sun_platform() returns bigint language sql stable parallel restricted
  return (sun_claims(split_part(current_setting('sun.ticket', true), '|', 1)))[3]::bigint;

-- Locks by name. Whoever is in no scope takes none, but for the owner; a name that is not shared is the platform's alone, so that no party holds
-- up what the platform does. Functions of PostgreSQL that lock by number are taken from everybody by roles.sql.
create function sun_lock_key(name text, keys text, shared boolean) returns bigint language sql immutable
  return hashtextextended(case when shared then 'shared ' else 'own ' end || name || chr(31) || keys, 0);

create function sun_alone(name text, keys text, wait boolean, shared boolean) returns boolean language plpgsql volatile
  security definer set search_path = pg_catalog, pg_temp as $$
declare asks text := split_part(current_setting('sun.ticket', true), '|', 1);
begin
  if (public.sun_claims(asks) is null or not (shared or asks in ('sun_platform', 'sun_login')))
     and not pg_has_role(session_user, 'sun_owner', 'member') then
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
  if (public.sun_claims('sun_platform'))[8] is distinct from 'system:0:' then
    raise exception 'the lock % is the background''s', name using errcode = 'insufficient_privilege';
  end if;
  return pg_try_advisory_lock(public.sun_lock_key(name, keys, false));
end $$;
create function sun_let_go(name text, keys text) returns boolean language sql volatile security definer
  set search_path = pg_catalog, pg_temp
  as $$ select pg_advisory_unlock(public.sun_lock_key(name, keys, false)) $$;
