// The rules of the house as a program: who may import whom, no cycles, where the process is touched, what the hot
// bundle may contain. Each failure says what to do instead. The table is the one that CONTRIBUTING.md explains.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const HOT_LIMIT_BYTES = 128_000
const FILE_LIMIT_LINES = 300

// A room is a folder or a file right under src. `node`: may use Node's own modules.
const ROOMS = {
  errors: { rooms: [], packages: [] },
  log: { rooms: [], packages: [] },
  message: { rooms: ['errors'], packages: [] },
  lane: { rooms: ['message', 'errors', 'log'], packages: [] },
  options: { rooms: ['errors', 'log'], packages: ['commander'] },
  host: { rooms: ['message', 'lane', 'errors', 'log'], packages: [], node: true },
  remote: { rooms: ['message', 'lane', 'errors', 'log', 'options'], packages: [], node: true },
  bridge: {
    rooms: ['lane', 'host', 'message', 'remote', 'errors', 'log', 'options'],
    packages: [],
    node: true,
  },
  shell: {
    rooms: ['bridge', 'lane', 'host', 'message', 'remote', 'errors', 'log', 'options'],
    packages: [],
    node: true,
  },
  main: { rooms: ['options', 'errors', 'log', 'bridge', 'message', 'shell'], packages: [], node: true },
}
const ONLY_IN = [
  {
    pattern: /\bprocess\.(env|argv|exit|stdin|stdout|stderr)\b/,
    files: ['main.ts'],
    instead: 'take it as a parameter from main.ts',
  },
  { pattern: /\bconsole\./, files: [], instead: 'log through log.ts' },
  { pattern: /\binstanceof BridgeError\b/, files: [], instead: 'match on kind, or use isBridgeError' },
]
// The build shortens properties that begin with an underscore, which nobody may see from outside (scripts/build.mjs).
const SHORTENED = /\._(?!meta\b|httpMessage\b)[a-z]\w*/
const BAD_NAMES = /(^|[-/])(utils?|helpers?|common|shared|misc|manager|types)([-.]|$)/
const HOT_INPUTS = /^(src\/|node_modules\/commander\/|unused:)/

const complaints = []
const complain = (file, what) => complaints.push(`${file}: ${what}`)

const files = readdirSync(join(root, 'src'), { recursive: true })
  .map((name) => name.split(sep).join('/'))
  .filter((name) => name.endsWith('.ts'))
const roomOf = (file) => file.split('/')[0].replace(/\.ts$/, '')
const imports = new Map()

for (const file of files) {
  const text = readFileSync(join(root, 'src', file), 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  checkFile(file, text, code)
  const targets = []
  for (const [, isType, from] of code.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/g,
  )) {
    checkImport(file, from)
    if (isType === undefined && from.startsWith('.')) targets.push(resolve(file, from))
  }
  for (const [, from] of code.matchAll(/\bimport\('([^']+)'\)/g)) checkImport(file, from)
  imports.set(file, targets)
}

function resolve(file, from) {
  return posix.normalize(posix.join(posix.dirname(file), from))
}

function checkFile(file, text, code) {
  if (!/^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(file)) complain(file, 'file names are kebab-case')
  if (BAD_NAMES.test(file)) complain(file, 'name the file for what it holds')
  const lines = text.split('\n').length
  if (lines > FILE_LIMIT_LINES) complain(file, `${lines} lines: a room that holds two things; split it`)
  if (!text.startsWith('//'))
    complain(file, 'begin with a few lines: what it is, where it stands, which page it obeys')
  const shortened = SHORTENED.exec(code)?.[0]
  if (shortened !== undefined)
    complain(file, `uses ${shortened}, which the build shortens: reserve it in scripts/build.mjs`)
  for (const { pattern, files: allowed, instead } of ONLY_IN) {
    if (pattern.test(code) && !allowed.includes(file)) complain(file, `uses ${pattern.source}; ${instead}`)
  }
}

function checkImport(file, from) {
  const room = ROOMS[roomOf(file)]
  if (room === undefined)
    return complain(file, 'is in no room: add the room to scripts/rules.mjs and say why')
  if (from.startsWith('.')) {
    const target = roomOf(resolve(file, from))
    if (target !== roomOf(file) && !room.rooms.includes(target))
      complain(file, `must not import ${from} (room ${target})`)
    if (!existsSync(join(root, 'src', resolve(file, from))))
      complain(file, `imports ${from}, which does not exist`)
  } else if (from.startsWith('node:')) {
    if (room.node !== true)
      complain(file, `must not import ${from}: this room knows no Node; take what it gives as a parameter`)
  } else if (!room.packages.includes(from))
    complain(file, `must not import ${from}: that package has no job in this room`)
}

function findCycles() {
  const state = new Map()
  const visit = (file, path) => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      complain(
        file,
        `import cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}; move what both need to a third file`,
      )
      return
    }
    state.set(file, 'open')
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
}

function checkHotBundle() {
  const metafile = join(root, '.cache', 'metafile.json')
  if (!existsSync(metafile)) return complain('dist', 'is not built: run npm run build')
  const { inputs, outputs } = JSON.parse(readFileSync(metafile, 'utf8'))
  for (const input of Object.keys(inputs)) {
    if (!HOT_INPUTS.test(input))
      complain(
        'dist/mcp-ferry.cjs',
        `contains ${input}: only our own code and commander are on the start-up path`,
      )
  }
  for (const [output, { imports: outside }] of Object.entries(outputs)) {
    const { size } = statSync(join(root, output))
    if (size > HOT_LIMIT_BYTES)
      complain(output, `${size} bytes: over ${HOT_LIMIT_BYTES}; make something lazy or smaller`)
    for (const { path } of outside) {
      if (!path.startsWith('node:'))
        complain(output, `requires ${path} at run time: bundle it, there are no dependencies`)
    }
    process.stdout.write(
      `hot bundle: ${relative(root, join(root, output))} ${size} bytes of ${HOT_LIMIT_BYTES}\n`,
    )
  }
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies))
    complain('package.json', `${name} is a runtime dependency: make it a devDependency, the build bundles it`)
}

findCycles()
checkHotBundle()
for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
if (complaints.length > 0) process.exit(1)
