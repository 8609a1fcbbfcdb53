// The rules of the house as a program: who may import whom, no cycles, where the process is touched, what the built
// files may contain. Each failure says what to do instead. The table is the one that docs/how-it-works.md explains.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFERRED, HOT, SHARED, SIBLINGS } from './siblings.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const FILE_LIMIT_LINES = 300
const TWICE_LIMIT_BYTES = 56_000

// A room is a folder or a file right under src. `node`: may use Node's own modules.
const ROOMS = {
  errors: { rooms: [], packages: [] },
  log: { rooms: [], packages: [] },
  paths: { rooms: ['errors'], packages: ['env-paths'], node: true },
  message: { rooms: ['errors'], packages: [] },
  lane: { rooms: ['message'], packages: [] },
  options: { rooms: ['errors', 'log'], packages: ['commander'] },
  stages: { rooms: ['message', 'lane', 'errors', 'log', 'options', 'remote'], packages: [], node: true },
  era: { rooms: ['message', 'lane', 'errors', 'log'], packages: [] },
  host: { rooms: ['message', 'lane', 'errors', 'log'], packages: [], node: true },
  remote: {
    rooms: ['message', 'lane', 'errors', 'log', 'options', 'paths', 'era'],
    packages: ['undici'],
    node: true,
  },
  auth: {
    rooms: ['remote', 'errors', 'log', 'options', 'paths'],
    packages: ['oauth4webapi', 'cross-spawn'],
    node: true,
  },
  junction: {
    rooms: ['era', 'eras', 'lane', 'message', 'errors', 'log', 'options', 'remote'],
    packages: [],
  },
  eras: {
    rooms: ['era', 'lane', 'message', 'errors', 'log', 'options', 'remote', 'junction'],
    packages: [],
    node: true,
  },
  bridge: {
    rooms: ['junction', 'lane', 'host', 'message', 'remote', 'stages', 'errors', 'log', 'options'],
    packages: [],
    node: true,
  },
  shell: {
    rooms: ['auth', 'bridge', 'message', 'paths', 'remote', 'stages', 'errors', 'log', 'options'],
    packages: ['kleur', 'cross-spawn', 'jsonc-parser', 'toml-eslint-parser'],
    node: true,
  },
  refusing: { rooms: ['errors', 'message', 'options'], packages: [], node: true },
  memory: { rooms: ['bridge', 'junction', 'log', 'options', 'remote'], packages: [] },
  main: {
    rooms: [
      'options',
      'errors',
      'log',
      'bridge',
      'shell',
      'remote',
      'stages',
      'auth',
      'paths',
      'memory',
      'refusing',
    ],
    packages: [],
    node: true,
  },
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
// What a package that we bundle brings along with it.
const BROUGHT_ALONG = {
  'env-paths': ['is-safe-filename'],
  'cross-spawn': ['which', 'isexe', 'path-key', 'shebang-command', 'shebang-regex'],
}

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

function isDeferred(file) {
  return DEFERRED.some(({ sources }) => sources.includes(`src/${file}`))
}

function resolve(file, from) {
  return posix.normalize(posix.join(posix.dirname(file), from))
}

function checkFile(file, text, code) {
  if (!/^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(file)) complain(file, 'file names are kebab-case')
  if (BAD_NAMES.test(file)) complain(file, 'name the file for what it holds')
  const lines = text.split('\n').length
  if (
    isDeferred(file) &&
    /^(?!const |type |interface |import |export |function |async |let )[\w([]/m.test(code)
  )
    complain(file, 'does something when it is loaded: it is deferred, so nobody knows when that is')
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

function checkBuilt() {
  const metafile = join(root, '.cache', 'metafile.json')
  if (!existsSync(metafile)) return complain('dist', 'is not built: run npm run build')
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8'))
  for (const file of [HOT, ...SIBLINGS, ...DEFERRED, ...SHARED])
    checkBuiltFile(file, outputs[`dist/${file.name}.cjs`])
  for (const { name, sources } of [
    ...DEFERRED,
    ...SHARED,
    ...SIBLINGS.map(({ name, gives }) => ({ name, sources: gives ?? [] })),
  ])
    for (const source of sources.filter((each) => each.startsWith('src/')))
      if (outputs[`dist/${name}.cjs`].inputs[source] === undefined)
        complain(`dist/${name}.cjs`, `does not contain ${source}: take it out of scripts/siblings.mjs`)
  checkTwice(outputs)
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies))
    complain('package.json', `${name} is a runtime dependency: make it a devDependency, the build bundles it`)
}

/** A little is twice on purpose, where a file more to load would cost more. */
function checkTwice(outputs) {
  const copies = new Map()
  for (const [input, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs),
  ))
    copies.set(input, [...(copies.get(input) ?? []), bytesInOutput])
  const twice = [...copies]
    .map(([input, sizes]) => [sum(sizes) - Math.max(...sizes), input])
    .sort(([a], [b]) => b - a)
  const total = sum(twice.map(([bytes]) => bytes))
  process.stdout.write(`dist: ${total} bytes of ${TWICE_LIMIT_BYTES} more than once\n`)
  if (total > TWICE_LIMIT_BYTES)
    complain(
      'dist',
      `${total} bytes more than once, most of it ${twice[0][1]}: give it a home in scripts/siblings.mjs`,
    )
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0)

function checkBuiltFile({ name, source, limitBytes, packages }, { inputs, imports: outside }) {
  const file = `dist/${name}.cjs`
  const brought = packages.flatMap((known) => [known, ...(BROUGHT_ALONG[known] ?? [])])
  for (const input of Object.keys(inputs)) {
    const [, owner] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? []
    const isOurs = input.startsWith('src/') || input.startsWith('unused:')
    if (!isOurs && !brought.includes(owner))
      complain(
        file,
        `contains ${input}: only our own code and ${packages.join(', ') || 'no package'} belong there`,
      )
    if (SIBLINGS.some((sibling) => sibling.source === input && input !== source))
      complain(file, `contains ${input}, which is lazy: import it with \`await import('./…')\` only`)
  }
  const { size } = statSync(join(root, file))
  if (size > limitBytes)
    complain(file, `${size} bytes: over ${limitBytes}; make something lazy or smaller (scripts/siblings.mjs)`)
  for (const { path } of outside) {
    const isIn = (files) => files.some((each) => path === `./${each.name}.cjs`)
    if (name === HOT.name && isIn(SHARED))
      complain(file, `requires ${path}, so that a start reads two files: only lazy siblings may`)
    if (!path.startsWith('node:') && !isIn([HOT, ...SIBLINGS, ...DEFERRED, ...SHARED]))
      complain(file, `requires ${path} at run time: bundle it, there are no dependencies`)
  }
  process.stdout.write(`${file}: ${size} bytes of ${limitBytes}\n`)
}

findCycles()
checkBuilt()
for (const complaint of complaints) process.stdout.write(`${complaint}\n`)
if (complaints.length > 0) process.exit(1)
