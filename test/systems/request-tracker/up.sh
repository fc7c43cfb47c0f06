#!/usr/bin/env bash
# Request Tracker 5 as Debian packages it, on SQLite: up.sh DIR PORT [WEBHOOK_URL WEBHOOK_SECRET]
# What is missing is installed; the database under DIR is made once. Runs in the foreground, on 127.0.0.1:PORT only.
# Where the Scrip posts to, and with what secret, is configuration and may change from start to start.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mkdir -p "$1" && cd "$1" && pwd)
port=${2:-8457}
if ! command -v rt-setup-database-5 >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    request-tracker5 rt5-db-sqlite rt5-standalone >/dev/null
fi
mkdir -p "$dir/conf.d" "$dir/data"
cat > "$dir/SiteConfig.pm" <<CONF
Set(\$rtname, 'hub.test');
Set(\$Organization, 'hub.test');
Set(\$CorrespondAddress, 'rt@hub.test');
Set(\$CommentAddress, 'rt-comment@hub.test');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $port);
Set(\$WebPath, '');
Set(\$WebSecureCookies, 0);
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$dir/data/rt5.sqlite');
# Not UTC, so that a time that is read in the wrong zone is seen.
Set(\$Timezone, 'Asia/Shanghai');
Set(\$MailCommand, 'testfile');
Set(\$LogToSTDERR, 'warning');
Set(\$LogToSyslog, undef);
Set(\$DevelMode, 0);
Set(\$OrderweaveHook, '${3:-}');
Set(\$OrderweaveHookSecret, '${4:-}');
1;
CONF
export RT_SITE_CONFIG="$dir/SiteConfig.pm" RT_SITE_CONFIG_DIR="$dir/conf.d"
if [ ! -e "$dir/initialised" ]; then
  rm -f "$dir/data/rt5.sqlite"
  rt-setup-database-5 --action init --skip-create
  perl "$here/provision.pl" "$dir/token" "$here/hook.pl"
  touch "$dir/initialised"
fi
exec perl /usr/share/request-tracker5/libexec/rt-server --host 127.0.0.1 --port "$port"
