"""What a hostile statement may try inside somebody's scope: ways out of it, and what is then read and written.

Every way is tried by every stranger before every theft and every damage, in one message, as an injected statement would be.
`{…}` are facts of the planted estate: ids of the robbed hospital and its platform, a ticket of an earlier transaction.
"""

# Who tries: each of them strange to the planted rows. `login` is the scope before anybody has said who they are.
STRANGERS = ["other_hospital", "other_maker", "other_distributor", "hospital_on_gd", "operator_gd", "nobody", "login"]
ROLES = ["sun_hospital", "sun_supplier", "sun_platform", "sun_login", "sun_app", "sun_owner", "postgres", "pg_monitor"]

AS_BEFORE = (
    "set_config('sun.platform', '{platform}', true), set_config('sun.party', '{party}', true),"
    " set_config('sun.platforms', '{{{platform}}}', true), set_config('sun.regions', '{{{regions}}}', true)"
)
WAYS = {
    "nothing": "",
    "the settings of former times": f"select {AS_BEFORE}",
    "another ticket by hand": "select set_config('sun.ticket', '{forged}', true)",
    "the own ticket with another party": "select set_config('sun.ticket', regexp_replace(current_setting('sun.ticket'),"
    " '^([^|]*[|][^|]*)[|].*[|]([^|]*)$', '\\1|{platform}|{party}|{{{platform}}}|{{{regions}}}|{place}|::|{{0}}|\\2'), true)",
    "the own ticket, shortened": "select set_config('sun.ticket', right(current_setting('sun.ticket'), 65), true)",
    "a ticket of another transaction": "set local role sun_platform; select set_config('sun.ticket', '{replayed}', true)",
    "the same after a commit": "commit; begin; set local role sun_platform;"
    " select set_config('sun.ticket', '{replayed}', true)",
    "the same by begin and chain": "commit and chain; set local role sun_platform;"
    " select set_config('sun.ticket', '{replayed}', true)",
    "the own ticket after a commit": "select set_config('my.ticket', current_setting('sun.ticket'), false); commit; begin;"
    " set local role sun_platform; select set_config('sun.ticket', current_setting('my.ticket'), true)",
    "a rollback": "rollback; begin; set local role sun_platform",
    "a savepoint": "savepoint s; set local role sun_platform; rollback to savepoint s; set local role sun_platform",
    "no row security": "set local row_security = off",
    "no role": "set local role none",
    "another user": "set session authorization sun_owner",
    "as a replica": "set session_replication_role = replica",
    "an own schema": "create schema mine; set local search_path = mine, pg_catalog",
    "a temporary table in the way": "create temp table tenancy_membership (user_id bigint, platform_id bigint);"
    " set local search_path = pg_temp, public",
    "another search path": "set local search_path = pg_temp, pg_catalog, public",
    "a function in the way": "create function pg_temp.sun_claims(asked text) returns text[] language sql as"
    " $$ select array['sun_platform', '', '{platform}', '{party}'] $$; set local search_path = pg_temp, public",
    "the key itself": "select set_config('my.key', encode(inner_pad, 'hex'), true) from sun_secret.ticket_key",
    "a function of the owner": "create or replace function sun_claims(asked text) returns text[] language sql as"
    " $$ select array[asked, '', '{platform}', '{party}'] $$",
    "more rights": "grant select on procurement_order to sun_app",
    **{f"the role {role}": f"set local role {role}" for role in ROLES},
    **{f"the role {role} for the session": f"set role {role}" for role in ROLES[:4]},
    **{f"commit and the role {role}": f"commit; begin; set local role {role}" for role in ROLES[:4]},
}

# What was private before: whatever of the planted rows shows is a leak. The last statement of a message is what it gives.
TABLES = [
    "procurement_order",
    "procurement_offer",
    "procurement_priceagreement",
    "settlement_payment",
    "settlement_invoice",
    "tenancy_profile",
    "tenancy_bankaccount",
    "journal_event",
    "files_storedfile",
    "jobs_job",
]
THEFTS = {
    **{table: f"select to_jsonb(t)::text from {table} t" for table in TABLES},
    "in one statement": f"with s as materialized (select {AS_BEFORE}, set_config('role', 'sun_platform', true))"
    " select to_jsonb(t)::text from s, procurement_offer t",
    "ticket in one statement": "with s as materialized (select set_config('sun.ticket', '{forged}', true))"
    " select to_jsonb(t)::text from s, procurement_offer t",
    "copy": "copy (select * from procurement_offer) to stdout",
    "xml": "select query_to_xml('select * from procurement_offer', true, false, '')::text",
}
# A party's only; whoever logs people in reads these rows.
OF_LOGIN = {
    "passwords": "select password from tenancy_user",
    "factors": "select to_jsonb(t)::text from tenancy_factor t",
}

DAMAGE = [
    "update settlement_payment set payee_account_number = '1'",
    "update procurement_orderline set unit_price = 1",
    "update procurement_order set version = version + 1",
    "update tenancy_bankaccount set account_number = '1'",
    "update tenancy_membership set roles = roles",
    "update catalog_listing set version = version",
    "delete from journal_seal",
    "delete from jobs_jobpart",
    "truncate journal_event",
    "insert into settlement_leg (entry_id, account_id, platform_id, side, amount_fen)"
    " select entry_id, account_id, platform_id, side, 1 from settlement_leg limit 1",
    "insert into tenancy_region (code, name) values ('CN-XX', 'x')",
]

# Rights of PostgreSQL's own that everybody has by default, and things that outlive the statement: each must be refused.
REFUSED = [
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select lo_get(1)",
    "select pg_terminate_backend({other})",
    "select pg_cancel_backend({other})",
    "select pg_advisory_lock(1)",
    "select pg_advisory_xact_lock(1)",
    "select pg_try_advisory_lock(1)",
    "select pg_advisory_unlock_all()",
    "select sun_alone_for_long('jobs.slot', '0')",
    "select * from pg_stat_activity",
    "select * from pg_stat_get_activity(null)",
    "select * from pg_stat_user_tables",
    "select * from pg_locks",
    "select pg_relation_size('procurement_order')",
    "select pg_total_relation_size('procurement_order')",
    "select * from sun_secret.ticket_key",
    "select last_value from procurement_order_id_seq",
    "select nextval('procurement_order_id_seq')",
    "create temp table mine (x int)",
    "create table mine (x int)",
    "create function mine() returns int language sql as 'select 1'",
    "alter role sun_app superuser",
    "alter role sun_hospital login",
    "alter function sun_claims(text) owner to sun_app",
    "alter database {database} set role = 'sun_platform'",
    "copy (select 1) to program 'id'",
    "copy (select 1) to '/tmp/x'",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "load 'auto_explain'",
    "select pg_logical_emit_message(true, 'x', 'x')",
    "notify sun, 'x'; select pg_reload_conf()",
    "create extension dblink",
    "create event trigger mine on ddl_command_start execute function sun_refuse_change()",
]

# What a statement leaves in the session for whoever comes next on the connection, and how that one would meet it.
LEFT = {
    "a prepared statement": ("prepare left as select to_jsonb(t)::text from procurement_order t", "execute left"),
    "a cursor that is held": (
        "declare left cursor with hold for select to_jsonb(t)::text from procurement_order t",
        "fetch all from left",
    ),
    "the role of the session": ("set role sun_platform", "select current_user::text"),
    "a search path": ("set search_path = pg_temp, pg_catalog", "select current_setting('search_path')"),
    "the own ticket": (
        "select set_config('sun.ticket', current_setting('sun.ticket'), false)",
        "select to_jsonb(t)::text from procurement_order t",
    ),
    "a setting that lies": ("set datestyle = 'SQL, DMY'", "select current_setting('datestyle')"),
    "a channel": ("listen everything", "select pg_listening_channels()"),
}

# What a side of the trade may do to rows that are its own too, and must not: each is refused, as (who, statement).
OWN_ROWS = [
    ("hospital", "update procurement_orderline set price = 1"),
    ("hospital", "update procurement_orderline set amount_fen = 1"),
    ("hospital", "update procurement_order set amount_fen = 1"),
    ("hospital", "update procurement_order set delivery_due_at = now()"),
    ("hospital", "update procurement_order set seller_id = buyer_id"),
    ("hospital", "update procurement_priceagreement set price = 1"),
    ("hospital", "update procurement_priceagreement set agreed_at = now()"),
    ("hospital", "update procurement_supplycontract set text = '', text_sha256 = ''"),
    ("hospital", "update procurement_supplycontract set seller_signed_at = now()"),
    ("hospital", "update settlement_payable set amount_fen = 1"),
    ("hospital", "update settlement_payable set state = 'PAID'"),
    ("hospital", "update settlement_payable set version = 99"),
    ("hospital", "update settlement_payment set amount_fen = 1"),
    ("hospital", "update settlement_payment set payee_account_number = '1'"),
    ("hospital", "update settlement_paymentrun set total_fen = 1"),
    ("hospital", "update settlement_invoice set amount_fen = 1"),
    ("hospital", "update pricing_dealfact set price = 1"),
    ("hospital", "update tenancy_bankaccount set account_number = '1'"),
    ("hospital", "insert into procurement_priceagreement select * from procurement_priceagreement"),
    ("hospital", "insert into settlement_payment select * from settlement_payment"),
    ("maker", "update procurement_offer set price = 1"),
    ("maker", "update procurement_orderline set price = 1"),
    ("maker", "update procurement_orderline set accepted_quantity = 1"),
    ("maker", "update procurement_order set closed_at = now()"),
    ("maker", "update procurement_supplycontract set buyer_signed_at = now()"),
    ("maker", "update procurement_supplycontract set payment_days = 1"),
    ("maker", "insert into procurement_priceagreement select * from procurement_priceagreement"),
    ("maker", "update procurement_acceptance set state = 'REVERSED'"),
    ("distributor", "update procurement_acceptanceline set accepted_quantity = 1"),
    ("distributor", "update settlement_invoice set amount_fen = 1"),
    ("distributor", "insert into settlement_payable select * from settlement_payable"),
    ("distributor", "update settlement_payable set state = 'PAID'"),
    ("distributor", "update tenancy_bankaccount set account_number = '1'"),
    ("distributor", "insert into tenancy_bankaccount select * from tenancy_bankaccount"),
]
# (who, table, from, to): moves of the other side's, or of nobody's. The planted row stands in the first state.
OTHERS_MOVES = [
    ("hospital", "procurement_offer", "ACCEPTED"),
    ("hospital", "procurement_offer", "DECLINED"),
    ("maker", "procurement_offer", "WITHDRAWN"),
    ("maker", "procurement_offer", "LAPSED"),
    ("hospital", "procurement_order", "ACCEPTED"),
    ("maker", "procurement_order", "CANCELLED"),
    ("maker", "procurement_order", "DELIVERED"),
    ("hospital", "procurement_order", "DELIVERED"),
    ("maker", "procurement_supplycontract", "IN_FORCE"),
    ("hospital", "procurement_delivery", "CANCELLED"),
    ("distributor", "procurement_delivery", "ACCEPTED"),
    ("hospital", "settlement_paymentrun", "DONE"),
    ("distributor", "settlement_accountchange", "IN_FORCE"),
    ("distributor", "settlement_accountchange", "APPROVED"),
]
