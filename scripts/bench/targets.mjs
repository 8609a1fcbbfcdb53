// The bridges that are compared: the floor, mcp-ferry as a user's npm installs it (never the source tree), and its peers,
// each as its own README starts it. Each is a script for the same Node, and knows itself as a package for npx.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aloneOnShelf, npm, packFolder, readJson, shelfOf, weigh } from './packages.mjs'

// `slow` ones get fewer rounds.
const PEERS = [
  { name: 'mcp-remote', version: '0.15.1', argsOf: (url) => [url, '--allow-http'] },
  { name: 'supergateway', version: '4.0.0', argsOf: (url) => ['--streamableHttp', url] },
]
const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, '.cache')
const kept = join(root, '.bench')
const justUrl = (url) => [url]

// A folder of our own, gone when we are.
function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const bareFile = fileURLToPath(new URL('bare-bridge.cjs', import.meta.url))

function packBare() {
  const folder = temporary()
  const bin = join(folder, 'bare-bridge.cjs')
  writeFileSync(bin, `#!/usr/bin/env node\n${readFileSync(bareFile, 'utf8')}`)
  chmodSync(bin, 0o755)
  const manifest = { name: 'bare-bridge', version: '1.0.0', bin: { 'bare-bridge': 'bare-bridge.cjs' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  return packFolder(folder, folder)
}

export const bare = {
  name: 'bare',
  file: bareFile,
  argsOf: justUrl,
  spec: 'bare-bridge@1.0.0',
  shelf: () => aloneOnShelf(packBare()),
}
// The bare bridge once more, as a target of its own: what it differs by from itself is the noise of a row.
export const twin = { name: 'bare again', file: bareFile, argsOf: justUrl, twin: true }

// Packs the tree as it is. The copy is measured, because a test run at the same time would pack anew under our feet.
export function packFerry() {
  execFileSync(process.execPath, [join(root, 'scripts', 'pack.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function ferryIn(folder, name, tarballOf) {
  const manifest = readJson(join(folder, 'package.json'))
  return {
    name,
    file: join(folder, 'bin', 'mcp-ferry.cjs'),
    argsOf: justUrl,
    spec: `mcp-ferry@${manifest.version}`,
    shelf: () => aloneOnShelf(tarballOf()),
    size: () => ({
      hotBytes: statSync(join(folder, 'dist', 'mcp-ferry.cjs')).size,
      tarballBytes: statSync(tarballOf()).size,
      dependencies: Object.keys(manifest.dependencies ?? {}).length,
      mb: weigh(folder).mb,
    }),
  }
}

export function findFerry() {
  const installed = join(cache, 'installed', 'node_modules', 'mcp-ferry')
  if (!existsSync(installed)) return undefined
  const copy = temporary()
  const package_ = join(copy, 'mcp-ferry')
  cpSync(installed, package_, { recursive: true })
  const packed = join(copy, readJson(join(cache, 'pack.json')).filename)
  cpSync(join(cache, basename(packed)), packed)
  return ferryIn(package_, 'mcp-ferry', () => packed)
}

// Another build of mcp-ferry, to compare with: its tarball, or a folder that has bin/ and dist/, as a checkout or an
// installed package.
export function openOld(given) {
  const path = resolve(given)
  const copy = temporary()
  if (statSync(path).isFile()) {
    execFileSync('tar', ['-xzf', path, '-C', copy])
    return ferryIn(join(copy, 'package'), 'old', () => path)
  }
  for (const part of ['package.json', 'bin', 'dist'])
    cpSync(join(path, part), join(copy, 'package', part), { recursive: true })
  const folder = join(copy, 'package')
  let packed
  return ferryIn(folder, 'old', () => {
    packed ??= packFolder(folder, copy)
    return packed
  })
}

export const PEER_COUNT = PEERS.length

// The peers that there are; `say` is told of those that npm cannot give us.
export function findPeers(say) {
  return PEERS.map((peer) => findPeer(peer, say)).filter(Boolean)
}

function findPeer({ name, version, argsOf }, say) {
  const folder = join(kept, `${name}-${version}`)
  const installed = join(folder, 'node_modules', name)
  try {
    if (!existsSync(installed)) installPeer(folder, `${name}@${version}`)
  } catch {
    say(`npm cannot install ${name}, so it is left out, and nothing is written`)
    return undefined
  }
  const { bin } = readJson(join(installed, 'package.json'))
  return {
    name: `${name} ${version}`,
    file: join(installed, bin[name] ?? bin),
    argsOf,
    slow: true,
    spec: `${name}@${version}`,
    shelf: () => shelfOf(folder, join(folder, 'tarballs')),
    size: () => {
      const { packages } = readJson(join(folder, 'package-lock.json'))
      // The folder itself and the peer are in there too.
      return { dependencies: Object.keys(packages).length - 2, mb: weigh(join(folder, 'node_modules')).mb }
    },
  }
}

function installPeer(folder, spec) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  npm(['install', '--no-audit', '--no-fund', spec], { cwd: folder })
}
