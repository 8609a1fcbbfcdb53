// Programs that end-to-end tests need and that npm does not carry. Installed where that is ours to do, as root on a Debian;
// elsewhere one sentence says what is missing and its tests are skipped.
// By hand: `node scripts/needs.mjs` installs, and prints where they are.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const POLICY = '/usr/sbin/policy-rc.d'
/** Debian keeps servers out of the PATH of those who are not root. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

/** Each with its Debian package, and what it is for. */
const PROGRAMS = {
  nginx: { from: 'nginx-light', why: 'to test behind a proxy' },
  squid: { from: 'squid', why: 'to test by a forward proxy' },
  zsh: { from: 'zsh', why: 'to test its completion' },
  fish: { from: 'fish', why: 'to test its completion' },
}

/** The path of a program, if it is there. */
export function programPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Why a test that needs it is skipped; false: it is there. */
export function missing(name) {
  const { from, why } = PROGRAMS[name]
  return (
    programPath(name) === undefined &&
    `${name} is missing: install it (Debian: apt-get install ${from}) ${why}`
  )
}

/** Installs what is missing, or says on stderr what to install. Never fails: the tests tell what they miss. */
export function provide() {
  const names = Object.keys(PROGRAMS)
  const packages = names.filter(missing).map((name) => PROGRAMS[name].from)
  if (packages.length === 0) return
  const isOurs = process.getuid?.() === 0 && existsSync('/etc/debian_version')
  try {
    if (isOurs) withoutServices(() => install(packages))
  } catch (error) {
    process.stderr.write(`${error.message.split('\n')[0]}\n`)
  }
  for (const why of names.map(missing)) if (why) process.stderr.write(`${why}\n`)
}

/** By apt, which only root may do. Throws if that fails. */
export function install(packages) {
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
  for (const name of Object.keys(PROGRAMS)) process.stdout.write(`${programPath(name) ?? ''}\n`)
}
