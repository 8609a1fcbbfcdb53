// The bridges that are compared, each as a script for the same Node: the floor, mcp-ferry as a user's npm installs it
// (never the source tree), and mcp-remote where it is installed.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const PEER = 'mcp-remote@0.15.1'
const root = fileURLToPath(new URL('../..', import.meta.url))
const peers = join(root, '.bench')
const npm = (args) =>
  execFileSync('npm', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  }).trim()

export const bare = { name: 'bare', file: fileURLToPath(new URL('bare-bridge.cjs', import.meta.url)) }

// Packs the tree as it is. The copy is measured, because a test run at the same time would pack anew under our feet.
export function packFerry() {
  execFileSync(process.execPath, [join(root, 'scripts', 'pack.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

export function findFerry() {
  const installed = join(root, '.cache', 'installed', 'node_modules', 'mcp-ferry')
  if (!existsSync(installed)) return undefined
  const copy = mkdtempSync(join(tmpdir(), 'bench-ferry-'))
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
  cpSync(installed, copy, { recursive: true })
  return { name: 'mcp-ferry', file: join(copy, 'bin', 'mcp-ferry.cjs') }
}

export function installPeers() {
  mkdirSync(peers, { recursive: true })
  writeFileSync(join(peers, 'package.json'), '{ "private": true }\n')
  npm(['install', '--prefix', peers, '--no-save', '--no-audit', '--no-fund', PEER])
}

// `slow` targets get fewer and smaller rounds: ten times slower needs no third digit.
export function findRemote(given) {
  const places = given
    ? [resolve(given)]
    : [join(root, 'node_modules'), npm(['root', '-g']), join(peers, 'node_modules')].map((at) =>
        join(at, 'mcp-remote'),
      )
  const folder = places.find((at) => existsSync(join(at, 'package.json')))
  if (folder === undefined) return undefined
  const { bin, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return {
    name: `mcp-remote ${version}`,
    file: join(folder, bin['mcp-remote'] ?? bin),
    args: ['--allow-http'],
    slow: true,
  }
}
