-- The database roles of Sunlight. Run once per database by a superuser, with psql or any driver, connected to that database;
-- running it again changes nothing. Sets no password: give sun_owner and sun_app theirs with ALTER ROLE … PASSWORD.
--
--   sun_owner     owns the database and all in it; migrations log in as it (DATABASE_OWNER_URL)
--   sun_app       web, worker and beat log in as it (DATABASE_URL); owns nothing, may read nothing by itself
--   sun_party     taken by SET ROLE inside a transaction: one organisation's scope on one platform
--   sun_platform  taken likewise: operator, regulators, nightly runs
--   sun_login     taken likewise: accounts and sessions, before a scope is known
--
-- PostgreSQL 15 or later.

DO $roles$
DECLARE
    role_name text;
BEGIN
    -- Two first runs may meet (a compose file's init and a start): the second waits.
    PERFORM pg_advisory_xact_lock(hashtext('sunlight.roles'));

    FOREACH role_name IN ARRAY ARRAY['sun_owner', 'sun_app', 'sun_party', 'sun_platform', 'sun_login'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
    END LOOP;

    -- Said on every run, so that a role somebody widened by hand is narrow again.
    -- CREATEDB: the tests make a database per worker from a template.
    ALTER ROLE sun_owner LOGIN INHERIT CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_app LOGIN NOINHERIT NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_party NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_platform NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;
    ALTER ROLE sun_login NOLOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION;

    -- The login role never inherits: without SET ROLE it may read nothing. Before 16 NOINHERIT above says so for every
    -- membership; from 16 on each membership says it itself, and that is what counts.
    FOREACH role_name IN ARRAY ARRAY['sun_party', 'sun_platform', 'sun_login'] LOOP
        IF current_setting('server_version_num')::integer >= 160000 THEN
            EXECUTE format('GRANT %I TO sun_app WITH ADMIN FALSE, INHERIT FALSE, SET TRUE', role_name);
        ELSIF NOT EXISTS (
            SELECT FROM pg_catalog.pg_auth_members m
            WHERE m.roleid = role_name::regrole AND m.member = 'sun_app'::regrole
        ) THEN
            EXECUTE format('GRANT %I TO sun_app', role_name);
        END IF;
    END LOOP;

    -- The database itself.
    EXECUTE format('ALTER DATABASE %I OWNER TO sun_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO sun_app', current_database());
    ALTER SCHEMA public OWNER TO sun_owner;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO sun_party, sun_platform, sun_login;
END
$roles$;
