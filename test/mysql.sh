#!/usr/bin/env bash
# Runs the sample's scripts on three real servers of MySQL, which of Debian only unstable has: by hand, as tomorrow that is another version.
# Needs root and a Debian on amd64. The packages are unpacked into a folder, beside the system.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The servers run as nobody, who may not look into the home of root.
readonly cache=/var/cache/ha-kubernetes-tests/mysql

main() {
  [[ -e $cache/bin ]] || fetch
  PATH=$cache/bin:$PATH
  mysqld --version >&2
  node_modules/.bin/mocha --exit 'test/unit/samples/mysql*.spec.ts' --grep ', mysql '
}

# fetch: the servers with all that they need, down to the C library
fetch() {
  local apt=$cache/apt mirror deb options
  # The machine's own, so that none is named here.
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | grep -m 1 '/debian/*$') || {
    echo "mysql.sh: apt knows no mirror whose address ends in /debian; next: add one to apt's sources" >&2
    exit 1
  }
  rm -rf "$cache"
  mkdir -p "$apt"/{etc/{apt.conf,preferences}.d,state/lists/partial,archives/partial} "$cache/root"
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/etc/sources.list"
  options=(-q -o "Dir::Etc=$apt/etc" -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt"
    -o "Dir::Cache::archives=$apt/archives" -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Debug::NoLocking=true)
  apt-get "${options[@]}" update >&2
  apt-get "${options[@]}" install --yes --download-only mysql-server-core mysql-client-core >&2
  for deb in "$apt"/archives/*.deb; do dpkg-deb -x "$deb" "$cache/root"; done
  rm -r "$apt"
  mkdir "$cache/bin.part"
  # Each starts with its own C library; an option file must stay the first argument.
  cat >"$cache/bin.part/mysqld" <<'SH'
#!/usr/bin/env bash
root=${0%/*/*}/root/usr name=${0##*/} first=() own=()
if [[ ${1:-} == --defaults-file=* ]]; then first=("$1"); shift; fi
program=$root/bin/$name
if [[ $name == mysqld ]]; then
  program=$root/sbin/mysqld
  own=(--basedir="$root" --plugin-dir="$root/lib/mysql/plugin" --lc-messages-dir="$root/share/mysql" --character-sets-dir="$root/share/mysql/charsets")
fi
exec "$root"/lib64/ld-linux-*.so.2 --library-path "$(printf '%s:' "$root"/lib/*-linux-gnu)" --argv0 "$program" "$program" "${first[@]}" "${own[@]}" "$@"
SH
  chmod 755 "$cache/bin.part/mysqld"
  for name in mysql mysqladmin mysqldump; do ln -s mysqld "$cache/bin.part/$name"; done
  mv "$cache/bin.part" "$cache/bin"
}

main
