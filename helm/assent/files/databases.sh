# Makes the databases and the roles that own them, one per file in /run/secrets/databases: its name is the database's and the
# role's, its content the password. Runs at every start of the server, and changes only what isn't so.
set -eu
until pg_isready --quiet --host 127.0.0.1 --timeout 1; do sleep 0.2; done

# By the socket, where only this pod is.
sql() { psql --no-psqlrc --quiet --tuples-only --username postgres --host /var/run/postgresql --set ON_ERROR_STOP=1 >/dev/null; }

sql <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL

for file in /run/secrets/databases/*; do
  sql <<SQL
\set name '$(basename "$file")'
\set password '$(cat "$file")'
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L', :'name', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
SQL
done
