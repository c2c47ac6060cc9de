#!/usr/bin/env bash
# Make the root that every lab host starts from, once, and print its path.
# Usage: base.sh [SUITE]
set -euo pipefail

packages=(
  systemd systemd-sysv dbus openssh-server sudo
  iproute2 iputils-ping iptables nftables ipset conntrack ebtables ethtool socat
  haproxy keepalived prometheus-node-exporter
  ca-certificates curl jq kmod openssl procps util-linux gzip tar xz-utils zstd
)
machine_packages=(mmdebstrap systemd-container debian-archive-keyring iproute2 openssh-client procps util-linux)
# Nobody sits at these hosts, nothing in them is updated, and the clock is the machine's.
masked=(
  getty.target console-getty.service systemd-firstboot.service ldconfig.service
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
  fstrim.timer logrotate.timer systemd-tmpfiles-clean.timer
  systemd-networkd.service systemd-resolved.service systemd-timesyncd.service
  systemd-binfmt.service systemd-pstore.service systemd-modules-load.service systemd-update-utmp.service
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount
  sys-kernel-config.mount sys-fs-fuse-connections.mount
)

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

say() { printf 'base: %s\n' "$*" >&2; }

fail() {
  tail -n 20 "$log" >&2
  say "failed; the whole log is $log"
  exit 1
}

missing() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${machine_packages[@]}" 2>/dev/null |
    sed -n 's/^installed //p' | grep -vxFf - <(printf '%s\n' "${machine_packages[@]}")
}

install_missing() {
  local missing
  mapfile -t missing < <(missing)
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 || fail
}

# The machine's own Debian sources with the wanted suite put in, so that no mirror is named here.
sources() {
  local codename
  codename="$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)"
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v old="$codename" -v new="$suite" '
      $1 == "Debian" && $4 == "main" && ($3 == old || index($3, old "-") == 1) {
        sub(old, new, $3)
        print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $2, $3, $4
      }' | sort -u
}

customize() {
  local root="$1" file
  cp -rT --no-preserve=mode,ownership "$here/root" "$root"
  chmod 0440 "$root/etc/sudoers.d/ops"
  chroot "$root" useradd --create-home --shell /bin/bash ops

  # The project installs their configuration and starts them.
  systemctl --root="$root" --quiet disable haproxy.service keepalived.service prometheus-node-exporter.service
  systemctl --root="$root" --quiet mask "${masked[@]}"
  systemctl --root="$root" --quiet enable lab-host.service lab-network.service ssh.service
  systemctl --root="$root" --quiet set-default multi-user.target

  # Debian's defaults would change the one machine's kernel; what the project writes still counts.
  for file in "$root"/usr/lib/sysctl.d/*.conf "$root/etc/sysctl.conf"; do
    mkdir -p "$root/etc/sysctl.d"
    ln -sf /dev/null "$root/etc/sysctl.d/${file##*/}"
  done

  # Each host gets its own, and none has a way out.
  rm -rf "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id" \
    "$root"/etc/apt/sources.list* "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/var/log/journal" \
    "$root"/etc/update-motd.d/*
  : >"$root/etc/default/locale"
  : >"$root/etc/machine-id"
}

build() {
  local partial="$target.partial" options="$target.apt.conf" started=$SECONDS heartbeat failed=''
  rm -rf --one-file-system "$partial"
  apt-get update >"$log" 2>&1 || fail
  # Proxies and the like; the index targets belong to other tools of the machine.
  apt-config dump Acquire | grep -v IndexTargets >"$options"
  say "making $suite"
  while sleep 10 >/dev/null 2>&1 9>&- && kill -0 "$$" 2>/dev/null; do
    say "making $suite, $((SECONDS - started)) s: $(tail -n 1 "$log" | cut -c 1-100)"
  done &
  heartbeat=$!
  # In a mount namespace of its own, so that no mount outlives it.
  sources | unshare --mount --propagation private mmdebstrap --mode=root --variant=apt \
    --include="${packages[*]}" --aptopt="$options" --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --customize-hook="'$here/base.sh' --customize \"\$1\"" \
    "$suite" "$partial" - >"$log" 2>&1 || failed=yes
  kill "$heartbeat"
  rm -f "$options"
  [[ -z $failed ]] || fail
  mv "$partial" "$target"
  say "made $suite in $((SECONDS - started)) s"
}

if [[ ${1:-} == --customize ]]; then
  customize "$2"
  exit
fi

suite="${1:-${LAB_SUITE:-bookworm}}"
roots="${HA_KUBERNETES_CACHE:-$HOME/.cache/ha-kubernetes}/roots"
contents="$(cd "$here" && find base.sh root -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
target="$roots/$suite-${contents:0:12}"
log="$target.log"
if [[ -d $target ]] && ! missing >/dev/null; then
  printf '%s\n' "$target"
  exit
fi
mkdir -p "$roots"
exec 9>"$roots/.lock"
flock --nonblock 9 || {
  say 'waiting for another one that makes a root'
  flock 9
}
install_missing
[[ -d $target ]] || build
printf '%s\n' "$target"
