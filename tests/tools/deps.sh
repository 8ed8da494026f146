#!/bin/sh
# Finds out what is missing to build (run) or to build and test (check), says what it will install, and installs it
# with apt. Usage: deps.sh run|check
set -eu
want=${1:-run}

# A thing is there when its probe succeeds; each line: probe <TAB> Debian package.
list() {
    cat <<'LIST'
command -v cc	gcc
command -v make	make
command -v pkg-config	pkg-config
test -e /usr/include/stdio.h || test -e /usr/include/x86_64-linux-gnu/bits/types.h	libc6-dev
pkg-config --exists ncursesw panelw	libncurses-dev
pkg-config --exists libcrypto libssl	libssl-dev
pkg-config --exists yaml-0.1	libyaml-dev
pkg-config --exists libutf8proc	libutf8proc-dev
pkg-config --exists libpcre2-8	libpcre2-dev
LIST
    [ "$want" = check ] || return 0
    cat <<'LIST'
pkg-config --exists cmocka	libcmocka-dev
pkg-config --exists vterm	libvterm-dev
pkg-config --exists libpq	libpq-dev
/usr/bin/python3 -c "import psycopg2"	python3-psycopg2
pkg-config --exists sqlite3	libsqlite3-dev
command -v sqlite3	sqlite3
command -v python3	python3
command -v tmux	tmux
command -v clang	clang
command -v clang-format	clang-format
command -v cppcheck	cppcheck
command -v git	git
ls /usr/lib/postgresql/*/bin/initdb	postgresql
command -v psql	postgresql-client
ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a /usr/lib/clang/*/lib/linux/libclang_rt.fuzzer-x86_64.a 2>/dev/null | grep -q . || test "$(uname -m)" != x86_64	libclang-rt-14-dev
LIST
}

missing=$(list | while IFS='	' read -r probe package; do
    sh -c "$probe" >/dev/null 2>&1 || printf '%s ' "$package"
done)
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "d2db needs these Debian packages: $missing" >&2
        echo "Neither root nor sudo is at hand; install them, then run make again." >&2
        exit 1
    }
    as_root=sudo
fi
command -v apt-get >/dev/null 2>&1 || {
    echo "d2db needs what Debian calls: $missing" >&2
    echo "This system has no apt-get; install them your way, then run make again." >&2
    exit 1
}
echo "d2db will install with apt: $missing" >&2
# A new Debian starts the servers that it installs; the tests start their own, so the system's stays as it was.
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >&2
# shellcheck disable=SC2086  # one word per package is meant
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
