#!/usr/bin/env bash
# Tryton 6.0 as Debian packages it, on SQLite: up.sh DIR PORT
# What is missing is installed; the database `crm` under DIR is made once, which takes some minutes: keep DIR.
# Runs in the foreground, on 127.0.0.1:PORT only. Sessions end after a day; admin / admin-pw-1.
set -euo pipefail
dir=$(mkdir -p "$1" && cd "$1" && pwd)
port=${2:-8456}
if ! command -v trytond >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    tryton-server tryton-modules-party tryton-modules-sale tryton-modules-sale-complaint >/dev/null
fi
cat > "$dir/trytond.conf" <<CONF
[database]
uri = sqlite://
path = $dir/db
[web]
listen = 127.0.0.1:$port
[session]
max_age = 86400
[cache]
transaction = 10
CONF
if [ ! -e "$dir/initialised" ]; then
  mkdir -p "$dir/db"
  : > "$dir/db/crm.sqlite"
  (umask 077; echo 'admin-pw-1' > "$dir/pass")
  TRYTONPASSFILE="$dir/pass" trytond-admin -c "$dir/trytond.conf" -d crm --all --email admin@example.test
  trytond-admin -c "$dir/trytond.conf" -d crm -u party sale sale_complaint --activate-dependencies
  touch "$dir/initialised"
fi
exec trytond -c "$dir/trytond.conf" -d crm
