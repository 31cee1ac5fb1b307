#!/usr/bin/env bash
# Runs once, when the database server starts on an empty volume: one database and two roles per service. The migrator
# owns the schema; what it creates the app role may use but not alter. The same as servicekit.db.provision does.
set -euo pipefail
for service in identity employer enrollment reporting; do
  upper=${service^^}
  migrator_password="HALL_${upper}_MIGRATOR_PASSWORD"
  app_password="HALL_${upper}_APP_PASSWORD"
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v service="$service" -v migrator="${service}_migrator" -v app="${service}_app" \
    -v migrator_password="${!migrator_password:?}" -v app_password="${!app_password:?}" <<'SQL'
CREATE ROLE :"migrator" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'migrator_password';
CREATE ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE :"service" OWNER :"migrator";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"migrator", :"app";
\connect :"service"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO :"migrator";
GRANT USAGE ON SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrator" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrator" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrator" IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO :"app";
SQL
done
