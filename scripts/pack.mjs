// Packs the tarball and installs it into .cache/installed, as a user's npm would: the end-to-end tests and the
// benchmarks drive that copy, never the source tree.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, '.cache')
const installed = join(cache, 'installed')
// On Windows npm needs a shell, which takes a path with a space for two: each path is one from `cwd`.
const npm = (args, cwd) =>
  execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  })

mkdirSync(cache, { recursive: true })
const [packed] = JSON.parse(
  npm(['pack', '--json', '--silent', '--loglevel=error', '--pack-destination', '.cache'], root),
)
rmSync(installed, { recursive: true, force: true })
mkdirSync(installed, { recursive: true })
writeFileSync(join(installed, 'package.json'), '{ "private": true }\n')
npm(['install', '--silent', '--offline', '--no-save', `../${packed.filename}`], installed)
writeFileSync(join(cache, 'pack.json'), JSON.stringify(packed, null, 2))
