#!/usr/bin/env bash
# Runs a Windows program in the chroot that setup.sh makes, with the drive that PREFIX holds:
#   inside.sh ROOT PREFIX CHECKOUT PROGRAM ARGUMENT…
# Inside, the drive is /prefix, and CHECKOUT is /checkout, which is Z:\checkout. All its processes, Wine's own too, end
# with this one; with settle=yes it waits until Wine has written down what is in its registry.
# stdout and stderr must be files: Node for Windows cannot write to a Unix pipe.
set -euo pipefail

root=$1 prefix=$2 checkout=$3
shift 3
export root prefix checkout
mkdir -p "$root/prefix" "$root/checkout"

# shellcheck disable=SC2016 # expanded in there
exec unshare --mount --pid --fork --kill-child bash -c '
  set -euo pipefail
  mount --make-rprivate /
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind "$prefix" "$root/prefix"
  [ "$checkout" = / ] || mount --bind "$checkout" "$root/checkout"
  chroot "$root" env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 WINEPREFIX=/prefix WINEDEBUG=-all \
    WINEDLLOVERRIDES="mscoree,mshtml=" bash -c "
      wine \"\$@\"; status=\$?
      [ ${settle:-no} = no ] || wineserver -w
      exit \$status
    " inside "$@"
' inside "$@" </dev/null
