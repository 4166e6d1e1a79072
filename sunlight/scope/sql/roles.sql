-- The database roles of Sunlight. Run once per database by a superuser, with psql or any driver, connected to that database;
-- running it again changes nothing. Sets no password: give sun_owner and sun_app theirs with ALTER ROLE … PASSWORD.
--
--   sun_owner     owns the database and all in it; migrations log in as it (DATABASE_OWNER_URL)
--   sun_app       web, worker and beat log in as it (DATABASE_URL); owns nothing, may read nothing by itself
--   sun_hospital  taken by SET ROLE inside a transaction: one hospital's scope on one platform
--   sun_supplier  taken likewise: one supplier's
--   sun_platform  taken likewise: operator, regulators, nightly runs
--   sun_login     taken likewise: accounts and sessions, before a scope is known
--
-- PostgreSQL 15 or later.

DO $roles$
DECLARE
    role_name text;
    function_name text;
BEGIN
    -- Two first runs may meet (a compose file's init and a start): the second waits.
    PERFORM pg_advisory_xact_lock(hashtext('sunlight.roles'));

    FOREACH role_name IN ARRAY ARRAY['sun_owner', 'sun_app', 'sun_hospital', 'sun_supplier', 'sun_platform', 'sun_login'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
    END LOOP;

    -- Said on every run, so that a role somebody widened by hand is narrow again.
    -- CREATEDB: the tests make a database per worker from a template.
    ALTER ROLE sun_owner LOGIN INHERIT CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_app LOGIN NOINHERIT NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_hospital NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_supplier NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_platform NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_login NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;

    -- The login role never inherits: without SET ROLE it may read nothing. Before 16 NOINHERIT above says so for every
    -- membership; from 16 on each membership says it itself, and that is what counts.
    FOREACH role_name IN ARRAY ARRAY['sun_hospital', 'sun_supplier', 'sun_platform', 'sun_login'] LOOP
        IF current_setting('server_version_num')::integer >= 160000 THEN
            EXECUTE format('GRANT %I TO sun_app WITH ADMIN FALSE, INHERIT FALSE, SET TRUE', role_name);
        ELSIF NOT EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m
            WHERE m.roleid = role_name::regrole AND m.member = 'sun_app'::regrole
        ) THEN
            EXECUTE format('GRANT %I TO sun_app', role_name);
        END IF;
    END LOOP;

    -- What a role has set for itself, and the role that both sides of the trade were once.
    FOREACH role_name IN ARRAY ARRAY['sun_owner', 'sun_app', 'sun_hospital', 'sun_supplier', 'sun_platform', 'sun_login'] LOOP
        EXECUTE format('ALTER ROLE %I RESET ALL', role_name);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', role_name, current_database());
    END LOOP;
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'sun_party') THEN
        REVOKE sun_party FROM sun_app;
    END IF;

    -- What PostgreSQL lets everybody do: large objects, which no row security bounds; ending others' work; locks by number
    -- (ours are taken by name, `sun_alone`); figures of what others do; the size of tables; writing into the log of changes.
    -- Monitoring has its own role. Functions belong to one database: run this in each.
    FOR function_name IN
        SELECT p.oid::regprocedure FROM pg_catalog.pg_proc p
         WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f'
           AND (p.proname ~ '^(lo_|pg_stat_get_|pg_(try_)?advisory_)' OR p.proname IN
             ('loread', 'lowrite', 'pg_terminate_backend', 'pg_cancel_backend', 'pg_lock_status', 'pg_logical_emit_message',
              'pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function_name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sun_owner, pg_monitor', function_name);
    END LOOP;

    -- The database itself. CREATE DATABASE … TEMPLATE does not copy these: run this again after it.
    EXECUTE format('ALTER DATABASE %I OWNER TO sun_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sun_app', current_database());
    ALTER SCHEMA public OWNER TO sun_owner;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO sun_app, sun_hospital, sun_supplier, sun_platform, sun_login;
END
$roles$;
