// Programs that end-to-end tests need and that npm does not carry: only nginx and squid, as proxies on both sides. Installed
// where that is ours to do, as root on a Debian; elsewhere one sentence says what is missing and its tests are skipped.
// By hand: `node scripts/needs.mjs` installs, and prints where they are.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const POLICY = '/usr/sbin/policy-rc.d'
/** Debian keeps them out of the PATH of those who are not root. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

export const MISSING =
  'nginx is missing: install it (Debian: apt-get install nginx-light) to test behind a proxy'

export const SQUID_MISSING =
  'squid is missing: install it (Debian: apt-get install squid) to test by a forward proxy'

/** The path of nginx, if there is one. */
export function nginxBinary() {
  return find('nginx')
}

/** The path of squid, if there is one. */
export function squidBinary() {
  return find('squid')
}

function find(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

/** Installs what is missing, or says on stderr what to install. Never fails: the tests tell what they miss. */
export function provide() {
  const packages = [...(nginxBinary() ? [] : ['nginx-light']), ...(squidBinary() ? [] : ['squid'])]
  if (packages.length === 0) return
  const isOurs = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  try {
    if (isOurs) withoutServices(() => install(packages))
  } catch (error) {
    process.stderr.write(`${error.message.split('\n')[0]}\n`)
  }
  if (nginxBinary() === undefined) process.stderr.write(`${MISSING}\n`)
  if (squidBinary() === undefined) process.stderr.write(`${SQUID_MISSING}\n`)
}

function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) => execFileSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
}

/** Debian starts what it installs unless this file says no; the tests want the program, and nobody on port 80. */
function withoutServices(act) {
  if (existsSync(POLICY)) return act()
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    act()
  } finally {
    rmSync(POLICY, { force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  provide()
  process.stdout.write(`${nginxBinary() ?? ''}\n${squidBinary() ?? ''}\n`)
}
