// Copies of the package: whole or not there, made whole again, several processes at once, and gone only when nothing
// names them. arguments.md 6.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { keepCopy } from '../../../src/shell/copies/copy.ts'
import { removeOldCopies } from '../../../src/shell/copies/old-copies.ts'

const COPY = new URL('../../../src/shell/copies/copy.ts', import.meta.url).href
const IS_WINDOWS = process.platform === 'win32'
const HOUR_MS = 60 * 60_000

interface World {
  readonly started: string
  readonly folder: string
  readonly version: string
}

function world(t: TestContext): World {
  const root = mkdtempSync(join(tmpdir(), 'ferry-copies-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const from = join(root, 'lib', 'mcp-ferry')
  for (const folder of ['bin', 'dist']) mkdirSync(join(from, folder), { recursive: true })
  writeFileSync(join(from, 'package.json'), '{"name":"mcp-ferry"}')
  writeFileSync(join(from, 'bin', 'mcp-ferry.cjs'), 'require("../dist/mcp-ferry.cjs")')
  writeFileSync(join(from, 'dist', 'mcp-ferry.cjs'), 'console.log("it runs")')
  writeFileSync(join(from, 'dist', 'help.cjs'), '0')
  writeFileSync(join(from, 'README.md'), 'not copied')
  return { started: join(from, 'bin', 'mcp-ferry.cjs'), folder: join(root, 'data'), version: '1.2.3' }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort()
}

test('the copy has the files that run, under a name of the version and what is in it', (t) => {
  const settings = world(t)
  const copy = keepCopy(settings)
  assert.match(basename(copy.folder), /^1\.2\.3-[0-9a-f]{12}$/)
  assert.deepEqual(
    filesIn(copy.folder),
    ['bin/mcp-ferry.cjs', 'dist/help.cjs', 'dist/mcp-ferry.cjs', 'package.json'].map((name) => join(name)),
  )
  assert.equal(readFileSync(copy.script, 'utf8'), 'require("../dist/mcp-ferry.cjs")')
  assert.deepEqual(keepCopy(settings), copy)
  assert.deepEqual(readdirSync(join(settings.folder, 'versions')), [basename(copy.folder)])
  writeFileSync(join(settings.started, '..', '..', 'dist', 'help.cjs'), '1')
  assert.notEqual(keepCopy(settings).folder, copy.folder)
})

test('a copy that is started makes the same copy of itself', (t) => {
  const settings = world(t)
  const copy = keepCopy(settings)
  assert.deepEqual(keepCopy({ ...settings, started: copy.script }), copy)
})

test('nobody else may write where editors start programs from', { skip: IS_WINDOWS }, (t) => {
  const settings = world(t)
  mkdirSync(join(settings.folder, 'versions'), { recursive: true })
  chmodSync(join(settings.folder, 'versions'), 0o777)
  const { folder, script } = keepCopy(settings)
  for (const path of [join(settings.folder, 'versions'), folder, join(folder, 'dist')])
    assert.equal(statSync(path).mode & 0o777, 0o700, path)
  assert.equal(statSync(script).mode & 0o777, 0o600)
  chmodSync(folder, 0o777)
  keepCopy(settings)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
})

test('a copy that belongs to somebody else is not used', { skip: process.getuid?.() !== 0 }, (t) => {
  const settings = world(t)
  const { folder } = keepCopy(settings)
  chownSync(folder, 65534, 65534)
  assert.throws(() => keepCopy(settings), /belongs to another user; remove it/)
})

test('the package is found through the link that npm makes', { skip: IS_WINDOWS }, (t) => {
  const settings = world(t)
  const link = join(settings.folder, '..', 'mcp-ferry')
  symlinkSync(settings.started, link)
  assert.deepEqual(keepCopy({ ...settings, started: link }), keepCopy(settings))
})

test('a damaged copy is made whole in its place', (t) => {
  const settings = world(t)
  const copy = keepCopy(settings)
  rmSync(join(copy.folder, 'dist', 'mcp-ferry.cjs'))
  writeFileSync(join(copy.folder, 'dist', 'help.cjs'), '')
  assert.deepEqual(keepCopy(settings), copy)
  assert.equal(readFileSync(join(copy.folder, 'dist', 'mcp-ferry.cjs'), 'utf8'), 'console.log("it runs")')
  assert.equal(readFileSync(join(copy.folder, 'dist', 'help.cjs'), 'utf8'), '0')
  assert.equal(filesIn(copy.folder).length, 4)
})

test('what cannot be copied is refused with the reason and the way out', (t) => {
  const settings = world(t)
  for (const started of [undefined, join(tmpdir(), 'no-such-file')])
    assert.throws(() => keepCopy({ ...settings, started }), {
      facts: { code: 'copy-impossible' },
      message: /--npx/,
    })
  writeFileSync(settings.folder, 'a file')
  assert.throws(() => keepCopy(settings), {
    facts: { code: 'copy-impossible' },
    message: /E(?:NOTDIR|EXIST|NOENT).*--npx/,
  })
})

test('several processes at once end with one copy', async (t) => {
  const settings = world(t)
  const code = `import { keepCopy } from '${COPY}'; console.log(keepCopy(${JSON.stringify(settings)}).folder)`
  const outcomes = await Promise.all(
    [1, 2, 3, 4].map(
      () =>
        new Promise<string>((resolve) => {
          const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code])
          let text = ''
          for (const stream of [child.stdout, child.stderr])
            stream.setEncoding('utf8').on('data', (chunk: string) => {
              text += chunk
            })
          child.on('close', () => resolve(text.trim()))
        }),
    ),
  )
  const { folder } = keepCopy(settings)
  assert.deepEqual(new Set(outcomes), new Set([folder]))
  assert.deepEqual(readdirSync(join(settings.folder, 'versions')), [basename(folder)])
})

test('an old copy goes when nothing names it, and only then', (t) => {
  const settings = world(t)
  const named = keepCopy(settings).folder
  const unnamed = keepCopy({ ...settings, version: '1.0.0' }).folder
  const young = keepCopy({ ...settings, version: '1.1.0' }).folder
  const parent = join(settings.folder, 'versions')
  const unfinished = join(parent, '.01234567-89ab-cdef-0123-456789abcdef')
  const foreign = join(parent, 'something else')
  for (const folder of [unfinished, foreign]) mkdirSync(folder)
  const nowMs = Date.now()
  const long = (nowMs - 2 * HOUR_MS) / 1000
  for (const folder of [named, unnamed, unfinished, foreign]) utimesSync(folder, long, long)
  const isNeeded = (name: string) => name === basename(named)
  assert.deepEqual(removeOldCopies({ folder: settings.folder, isNeeded, nowMs }), [unnamed])
  for (const folder of [named, young, foreign]) assert.equal(existsSync(folder), true, folder)
  for (const folder of [unnamed, unfinished]) assert.equal(existsSync(folder), false, folder)
  assert.deepEqual(removeOldCopies({ folder: join(parent, 'none'), isNeeded, nowMs }), [])
})

test('a copy that somebody asks for again is young', (t) => {
  const settings = world(t)
  const { folder } = keepCopy(settings)
  const long = Date.now() / 1000 - 7200
  utimesSync(folder, long, long)
  keepCopy(settings)
  const none = { folder: settings.folder, isNeeded: () => false, nowMs: Date.now() }
  assert.deepEqual(removeOldCopies(none), [])
})
