// A file is changed whole or not at all: through links, with its rights, with a backup beside it, and while others change it.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { changeFile, ofFile, readFileText } from '../../../src/shell/files/changed-file.ts'
import { readServers } from '../../../src/shell/files/servers.ts'
import { ownProgram } from '../../fixtures/programs/own-program.ts'
import { json } from './config-texts.ts'

const IS_WINDOWS = process.platform === 'win32'
const NO_MODES = IS_WINDOWS ? 'Windows has no modes' : false
const NO_LINKS = IS_WINDOWS ? 'links need a right on Windows' : false
const CHANGER = fileURLToPath(new URL('./config-changer.ts', import.meta.url))

function setUp(t: TestContext, text?: string | Buffer) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'changed-')))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'mcp.json')
  if (text !== undefined) writeFileSync(file, text)
  return { folder, file, names: () => readdirSync(folder).sort() }
}

/** What a process of its own says, as somebody who is not root. */
function changer(...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [...ownProgram(CHANGER), ...args], {
    encoding: 'utf8',
  })
  assert.equal(stderr, '')
  return stdout
}

test('the text is changed, and what was there lies beside it', (t) => {
  const { folder, file, names } = setUp(t, '\uFEFFold ü\r\n')
  const changed = changeFile(file, (text) => `${text}new\r\n`)
  assert.equal(readFileText(file), '\uFEFFold ü\r\nnew\r\n')
  assert.equal(changed.file, file)
  assert.equal(changed.isChanged, true)
  assert.equal(readFileSync(changed.backup!, 'utf8'), '\uFEFFold ü\r\n')
  assert.equal(dirname(changed.backup!), folder)
  assert.deepEqual(names(), ['mcp.json', changed.backup!.slice(folder.length + 1)].sort())
})

test('the same text and undefined change nothing, and neither does a change that throws', (t) => {
  const { file, names } = setUp(t, 'text')
  const before = statSync(file, { bigint: true })
  assert.deepEqual(
    changeFile(file, (text) => text),
    { file, isChanged: false },
  )
  assert.deepEqual(
    changeFile(file, () => undefined),
    { file, isChanged: false },
  )
  assert.throws(
    () =>
      changeFile(file, () => {
        throw new TypeError('no')
      }),
    /^TypeError: no$/,
  )
  assert.deepEqual(statSync(file, { bigint: true }).mtimeNs, before.mtimeNs)
  assert.deepEqual(names(), ['mcp.json'])
})

test('no file: folders are made, and only the person may read it', (t) => {
  const { folder } = setUp(t)
  const file = join(folder, 'a', 'b c', 'mcp.json')
  assert.equal(readFileText(file), undefined)
  assert.deepEqual(
    changeFile(file, () => undefined),
    { file, isChanged: false },
  )
  assert.ok(!existsSync(join(folder, 'a')), 'nothing is made for nothing')
  assert.deepEqual(
    changeFile(file, (text) => (text === undefined ? 'new' : 'no')),
    { file, isChanged: true },
  )
  assert.equal(readFileText(file), 'new')
  assert.deepEqual(readdirSync(dirname(file)), ['mcp.json'])
  if (!IS_WINDOWS) assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('a folder that is made is nobody else’s to write in, whatever the umask', { skip: NO_MODES }, (t) => {
  const { folder } = setUp(t)
  const umask = process.umask(0)
  t.after(() => process.umask(umask))
  changeFile(join(folder, 'a', 'b', 'mcp.json'), () => 'new')
  for (const made of ['a', 'a/b']) assert.equal(statSync(join(folder, made)).mode & 0o002, 0, made)
})

test('rights and owner stay, and are those of the backup', { skip: NO_MODES }, (t) => {
  const { file } = setUp(t, 'old')
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(file, 12345, 54321)
  for (const mode of [0o640, 0o600, 0o664]) {
    chmodSync(file, mode)
    const { backup } = changeFile(file, (text) => `${text}+`)
    for (const made of [file, backup!]) {
      const stats = statSync(made)
      assert.equal(stats.mode & 0o777, mode)
      if (isRoot) assert.deepEqual([stats.uid, stats.gid], [12345, 54321])
    }
  }
})

test('only the newest backups are kept, and nothing else is taken for one', (t) => {
  const { folder, file, names } = setUp(t, '0')
  const others = [
    'mcp.json.mcp-ferry-backup-mine',
    'mcp.json.bak',
    'other.json.mcp-ferry-backup-20200101T000000000Z',
  ]
  for (const name of others) writeFileSync(join(folder, name), '')
  for (let index = 1; index <= 8; index++) changeFile(file, () => String(index))
  const backups = names().filter((name) => name !== 'mcp.json' && !others.includes(name))
  assert.deepEqual(
    backups.map((name) => readFileSync(join(folder, name), 'utf8')),
    ['3', '4', '5', '6', '7'],
  )
  for (const name of others) assert.ok(names().includes(name), `${name} stays`)
})

test('links are followed and stay links', { skip: NO_LINKS }, (t) => {
  const { folder, file, names } = setUp(t)
  const real = join(folder, 'dotfiles', 'real.json')
  mkdirSync(dirname(real))
  writeFileSync(real, 'old')
  symlinkSync('second', file)
  symlinkSync(join('dotfiles', 'real.json'), join(folder, 'second'))
  const changed = changeFile(file, (text) => `${text}+`)
  assert.equal(changed.file, real)
  assert.equal(readFileSync(real, 'utf8'), 'old+')
  assert.equal(dirname(changed.backup!), dirname(real))
  assert.equal(readlinkSync(file), 'second')
  assert.deepEqual(names(), ['dotfiles', 'mcp.json', 'second'])
})

test('a link to nothing yet: its target is made', { skip: NO_LINKS }, (t) => {
  const { folder, file } = setUp(t)
  symlinkSync(folder, join(folder, 'same'))
  symlinkSync(join('same', 'not', 'yet.json'), file)
  assert.equal(readFileText(file), undefined)
  const changed = changeFile(file, () => 'new')
  assert.deepEqual(changed, { file: join(folder, 'not', 'yet.json'), isChanged: true })
  assert.equal(readFileSync(file, 'utf8'), 'new')
  assert.ok(lstatSync(file).isSymbolicLink(), 'the link is a link')
})

test('links that lead in a circle are refused', { skip: NO_LINKS }, (t) => {
  const { folder, file } = setUp(t)
  symlinkSync('other', file)
  symlinkSync('mcp.json', join(folder, 'other'))
  assert.throws(() => readFileText(file), {
    facts: { code: 'config-unreadable' },
    message: /leads back to itself/,
  })
})

const NO_TEXTS: Readonly<Record<string, readonly [bytes: Buffer, message: RegExp]>> = {
  'UTF-16': [Buffer.from('\uFEFF{}', 'utf16le'), /UTF-16.*save it as UTF-8/],
  'UTF-16 of the other order': [Buffer.from('\uFEFF{}', 'utf16le').swap16(), /UTF-16/],
  'UTF-16 without a mark': [Buffer.from('{}', 'utf16le'), /UTF-16, or no text/],
  'Latin-1': [Buffer.from('{"a": "ü"}', 'latin1'), /is not in UTF-8; save it as UTF-8/],
}
for (const [what, [bytes, message]] of Object.entries(NO_TEXTS))
  test(`${what} is refused and stays as it is`, (t) => {
    const { file, names } = setUp(t, bytes)
    const refusal = { facts: { code: 'config-unreadable' }, message }
    assert.throws(() => readFileText(file), refusal)
    assert.throws(() => changeFile(file, () => 'new'), refusal)
    assert.deepEqual(readFileSync(file), bytes)
    assert.deepEqual(names(), ['mcp.json'])
  })

test('a file of Claude Code that has grown to tens of megabytes is changed like any other', (t) => {
  const { file } = setUp(t, ' '.repeat(20 * 1024 * 1024))
  assert.ok(changeFile(file, (text) => `${text}x`).isChanged)
  assert.equal(readFileText(file)?.length, 20 * 1024 * 1024 + 1)
})

test('what is no config at all is refused by name', { skip: NO_MODES }, (t) => {
  const { folder, file } = setUp(t, '')
  truncateSync(file, 73 * 1024 * 1024)
  const refused = (path: string, message: RegExp) =>
    assert.throws(() => changeFile(path, () => 'new'), { facts: { code: 'config-unreadable' }, message })
  refused(file, /mcp\.json is larger than 72 MB/)
  refused(folder, /is a folder; name the file in it/)
  refused('/dev/null', /\/dev\/null is no ordinary file/)
  refused(join(file, 'mcp.json'), /a file where a folder of the path should be/)
})

test('what a text is refused for names the file', (t) => {
  const { file } = setUp(t, '{')
  const message = new RegExp(`^${file.replace(/[\\.]/g, '\\$&')}: the config is not valid JSON: .*line 1`)
  assert.throws(() => changeFile(file, (text) => void readServers(text!, json('m'))), { message })
  assert.throws(() => ofFile(file, () => readServers(readFileText(file)!, json('m'))), { message })
})

test('a read-only file is left alone, even by root', { skip: NO_MODES }, (t) => {
  const { file, names } = setUp(t, 'old')
  chmodSync(file, 0o444)
  const message = /mcp\.json cannot be written: .*read-only for you; make both writable/
  assert.throws(() => changeFile(file, () => 'new'), { facts: { code: 'config-unwritable' }, message })
  assert.equal(readFileSync(file, 'utf8'), 'old')
  assert.deepEqual(names(), ['mcp.json'])
})

test("a file or folder that is not the person's to change", { skip: NO_MODES }, (t) => {
  const { folder, file, names } = setUp(t, 'old')
  const isRoot = process.getuid?.() === 0
  const message = /^config-unwritable: .*mcp\.json cannot be written: .*read-only for you/
  chmodSync(file, 0o666)
  chmodSync(folder, isRoot ? 0o755 : 0o555)
  assert.match(changer('change', file), message)
  chmodSync(folder, isRoot ? 0o777 : 0o755)
  chmodSync(file, isRoot ? 0o644 : 0o444)
  assert.match(changer('change', file), message)
  assert.equal(readFileSync(file, 'utf8'), 'old')
  assert.deepEqual(names(), ['mcp.json'])
  chmodSync(file, 0)
  assert.match(
    changer('read', file),
    /^config-unreadable: .*mcp\.json cannot be read: it may not be read by you/,
  )
  chmodSync(folder, 0o755)
  if (isRoot)
    assert.match(changer('change', join(folder, 'a', 'mcp.json')), /^config-unwritable: .*read-only/)
})

/** Another program writes the file, at once. */
function writtenByAnother(file: string, text: string): void {
  const { status } = spawnSync(process.execPath, [
    '-e',
    `fs.writeFileSync(process.argv[1], ${JSON.stringify(text)})`,
    file,
  ])
  assert.equal(status, 0)
}

test('what another program writes meanwhile is not lost', (t) => {
  const { file, names } = setUp(t, 'a')
  const seen: (string | undefined)[] = []
  const { backup } = changeFile(file, (text) => {
    seen.push(text)
    if (seen.length < 4) writtenByAnother(file, `${text}${seen.length}`)
    return `${text}+`
  })
  assert.deepEqual(seen, ['a', 'a1', 'a12', 'a123'])
  assert.equal(readFileSync(file, 'utf8'), 'a123+')
  assert.equal(readFileSync(backup!, 'utf8'), 'a123')
  assert.equal(names().length, 2)
})

test('a file that comes or goes meanwhile is seen', (t) => {
  const { file } = setUp(t)
  const seen: (string | undefined)[] = []
  changeFile(file, (text) => {
    seen.push(text)
    if (seen.length === 1) writtenByAnother(file, 'theirs')
    if (seen.length === 2) rmSync(file)
    return 'ours'
  })
  assert.deepEqual(seen, [undefined, 'theirs', undefined])
  assert.equal(readFileSync(file, 'utf8'), 'ours')
})

test('a file that never rests is left alone', (t) => {
  const { file, names } = setUp(t, '')
  const message = /is being changed by another program again and again; close it/
  assert.throws(
    () =>
      changeFile(file, (text) => {
        writtenByAnother(file, `${text}x`)
        return 'ours'
      }),
    { facts: { code: 'config-unwritable' }, message },
  )
  assert.match(readFileSync(file, 'utf8'), /^x+$/)
  assert.deepEqual(names(), ['mcp.json'])
})

function started(...args: readonly string[]) {
  const child = spawn(process.execPath, [...ownProgram(CHANGER), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  return { ended: once(child, 'close').then(([code]) => ({ code, said })) }
}

test('several of us at the same time: no change is lost', async (t) => {
  const { folder, file, names } = setUp(t, '{"mcpServers": {}}')
  const changers = ['a', 'b', 'c']
  const ends = await Promise.all(changers.map((name) => started('add', file, name, '10').ended))
  for (const end of ends) assert.deepEqual(end, { code: 0, said: '' })
  assert.equal(readServers(readFileSync(file, 'utf8'), json('mcpServers')).size, 30)
  assert.deepEqual(
    names().filter((name) => !name.includes('backup')),
    ['mcp.json'],
    `nothing is left in ${folder}`,
  )
  assert.equal(names().length, 6)
})

test('who reads meanwhile reads a whole text', async (t) => {
  const { file } = setUp(t, '[]')
  const { ended } = started('alternate', file, '20')
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const seen = new Set<string>()
  while (!isOver) {
    const text = readFileSync(file, 'utf8')
    assert.ok(text.startsWith('[') && text.endsWith(']'), 'whole')
    seen.add(text.slice(0, 2))
    await turn()
  }
  assert.deepEqual(await ended, { code: 0, said: '' })
  seen.add(readFileSync(file, 'utf8').slice(0, 2))
  assert.ok(seen.size > 1, 'it was changed')
})

test('a lock that a killed one has left is old, and taken', (t) => {
  const { folder, file, names } = setUp(t, 'a')
  const lock = join(folder, '.mcp.json.mcp-ferry-lock')
  writeFileSync(lock, '')
  utimesSync(lock, 1, 1)
  changeFile(file, () => 'b')
  assert.equal(readFileSync(file, 'utf8'), 'b')
  assert.ok(!names().includes('.mcp.json.mcp-ferry-lock'), 'it is gone')
})

test('a lock from a clock that was put back is old too, and one that is a folder is told of', (t) => {
  const { folder, file } = setUp(t, 'a')
  const lock = join(folder, '.mcp.json.mcp-ferry-lock')
  const later = Date.now() / 1000 + 3600
  writeFileSync(lock, '')
  utimesSync(lock, later, later)
  changeFile(file, () => 'b')
  assert.equal(readFileSync(file, 'utf8'), 'b')
  mkdirSync(lock)
  utimesSync(lock, 1, 1)
  assert.throws(() => changeFile(file, () => 'c'), /cannot be changed while .*-lock is there; remove that/)
})

test('what a killed one had begun to write is gone with the next change', (t) => {
  const { folder, file, names } = setUp(t, 'a')
  const begun = '.mcp.json.0123456789ab.mcp-ferry-new'
  const others = ['.mcp.json.mine.mcp-ferry-new', '.other.json.0123456789ab.mcp-ferry-new']
  for (const name of [begun, ...others]) writeFileSync(join(folder, name), 'secret')
  changeFile(file, () => 'b')
  assert.ok(!names().includes(begun), names().join())
  for (const name of others) assert.ok(names().includes(name), name)
})
