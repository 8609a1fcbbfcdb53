// The compared bridges as packages: what npm installs for each, and the shelf of the registry (registry.mjs) that has it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { integrityOf, manifestIn } from './registry.mjs'

export const npm = (args, options = {}) =>
  execFileSync('npm', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64e6,
    shell: process.platform === 'win32',
    ...options,
  }).trim()

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))

// Files below a folder, and what they hold; not what a start has kept beside its own (one for each version of Node).
export function weigh(folder) {
  let bytes = 0
  let files = 0
  if (!existsSync(folder)) return { mb: 0, files }
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.cache')) continue
    bytes += statSync(join(entry.parentPath ?? entry.path, entry.name)).size
    files++
  }
  return { mb: bytes / 1e6, files }
}

// Packs a package's folder as npm does, without its scripts.
export function packFolder(folder, into) {
  mkdirSync(into, { recursive: true })
  const args = ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', into]
  const [{ filename }] = JSON.parse(npm(args))
  return join(into, filename)
}

// A package that needs no other.
export const aloneOnShelf = (tarball) => [
  { manifest: manifestIn(tarball), integrity: integrityOf(tarball), file: tarball },
]

// Everything in a folder's lock file, as tarballs that npm takes from its cache, into which it put them at the install.
export function shelfOf(folder, into) {
  const { packages } = readJson(join(folder, 'package-lock.json'))
  const entries = Object.entries(packages)
    .filter(([at, { optional }]) => at !== '' && (!optional || existsSync(join(folder, at))))
    .map(([at, entry]) => ({ name: at.slice(at.lastIndexOf('node_modules/') + 13), ...entry }))
  mkdirSync(into, { recursive: true })
  const index = join(into, 'index.json')
  if (!existsSync(index)) {
    const specs = [...new Set(entries.map(({ name, version }) => `${name}@${version}`))]
    const args = ['pack', ...specs, '--json', '--prefer-offline', '--pack-destination', into]
    const files = JSON.parse(npm(args)).map(({ name, version, filename }) => [`${name}@${version}`, filename])
    writeFileSync(index, JSON.stringify(Object.fromEntries(files)))
  }
  const files = readJson(index)
  return entries.map(({ integrity, resolved, ...manifest }) => {
    const file = join(into, files[`${manifest.name}@${manifest.version}`])
    return { manifest, integrity: integrityOf(file), file }
  })
}
