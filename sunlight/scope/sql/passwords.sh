#!/bin/bash
# Gives the two login roles of roles.sql their passwords, from the environment; the database's container runs it once.
set -euo pipefail
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-sunlight}" <<'SQL'
\getenv owner SUNLIGHT_OWNER_PASSWORD
\getenv app SUNLIGHT_APP_PASSWORD
ALTER ROLE sun_owner PASSWORD :'owner';
ALTER ROLE sun_app PASSWORD :'app';
SQL
