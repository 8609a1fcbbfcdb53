// Servers in a config of TOML, in each way in which one may be written: what changes, and that comments and all else stay.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readServers, type Table, withoutServer, withServer } from '../../../src/shell/files/servers.ts'

const TABLE: Table = { format: 'toml', path: ['m'] }
const ENTRY = { command: 'C:\\n\\node.exe', args: ['a', 'b'], env: { T: 'say "hi"\n', 'x y': "it's \\" } }
const BLOCK = `[m.n]
command = 'C:\\n\\node.exe'
args = ["a", "b"]
env = { T = "say \\"hi\\"\\n", "x y" = "it's \\\\" }
`

const ADDED: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'an empty file': ['', BLOCK],
  'no servers yet': ['# mine\na = 1 # one\n', `# mine\na = 1 # one\n\n${BLOCK}`],
  'behind the last of the servers, with its comments': [
    '[m.o]\nx = 1 # one\n# y = 2\n\n[m.o.env]\nA = "1" # a\n# B = "2"\n\n# other\n[o]\nz = 1\n',
    `[m.o]\nx = 1 # one\n# y = 2\n\n[m.o.env]\nA = "1" # a\n# B = "2"\n\n${BLOCK}\n# other\n[o]\nz = 1\n`,
  ],
  'in front of a comment that is about the next table': [
    '[m.o]\nx = 1\n# about p\n[p]\ny = 1\n',
    `[m.o]\nx = 1\n\n${BLOCK}# about p\n[p]\ny = 1\n`,
  ],
  'beside dotted keys and tables of one line': [
    'm.o.command = "x"\nm.p = { command = "y" }\n',
    `m.o.command = "x"\nm.p = { command = "y" }\n\n${BLOCK}`,
  ],
  'in the middle of a value of many lines': [
    '[m]\no = { args = [ # one\n  "]", # [m.n]\n] }\n\n[p]\nt = """\n[m.n]\n"""\n',
    `[m]\no = { args = [ # one\n  "]", # [m.n]\n] }\n\n${BLOCK}\n[p]\nt = """\n[m.n]\n"""\n`,
  ],
}
for (const [what, [before, after]] of Object.entries(ADDED))
  test(`TOML, ${what}: comes in and goes again`, () => {
    assert.equal(withServer(before, TABLE, 'n', ENTRY), after)
    assert.equal(withoutServer(after, TABLE, 'n'), before)
    const crlf = (text: string) => text.replaceAll('\n', '\r\n')
    if (before !== '') assert.equal(withServer(crlf(before), TABLE, 'n', ENTRY), crlf(after))
  })

test('TOML without a line end at its end gets one', () => {
  assert.equal(withServer('a = 1', TABLE, 'n', ENTRY), `a = 1\n\n${BLOCK}`)
  assert.equal(
    withServer('a = 1\r\nb = 2', TABLE, 'n', { command: 'x' }),
    'a = 1\r\nb = 2\r\n\r\n[m.n]\r\ncommand = "x"\r\n',
  )
})

const NEW = { command: 'new', env: { T: '2' } }
const REPLACED: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'a table': [
    '[m.n] # ours\n# why\ncommand = "old" # c\nargs = [\n  "a", # a\n]\n  timeout = 5 # t\n\n[z]\n',
    '[m.n] # ours\n# why\ncommand = "new" # c\n  timeout = 5 # t\n  env = { T = "2" }\n\n[z]\n',
  ],
  'a sub-table': [
    '[m.n]\ncommand = "new"\nx = 1\n\n[m.n.env]\nT = "1"\n\n[m.n.tools.a]\non = true # yes\n\n[m.o]\n',
    '[m.n]\ncommand = "new"\nx = 1\nenv = { T = "2" }\n\n[m.n.tools.a]\non = true # yes\n\n[m.o]\n',
  ],
  'what is the same already stays as it is written': [
    "[m.n]\ncommand = '''new'''\n[m.n.env]\nT = \"2\" # two\n",
    "[m.n]\ncommand = '''new'''\n[m.n.env]\nT = \"2\" # two\n",
  ],
  'dotted keys in it': [
    '[m.n]\ncommand = "x"\nenv.T = "1"\nenv.U = "2"\n',
    '[m.n]\ncommand = "new"\nenv = { T = "2" }\n',
  ],
  'one line': [
    '[m]\nn = { url = "http://x", timeout = 0x10 } # n\no = { url = "y" } # o\n',
    '[m]\no = { url = "y" } # o\n\n[m.n]\ntimeout = 0x10\ncommand = "new"\nenv = { T = "2" }\n',
  ],
  'dotted keys of the whole': [
    'm.n.url = "x"\nm.n.tools.a = 1979-05-27\nm.o.url = "y"\n',
    'm.o.url = "y"\n\n[m.n]\ntools.a = 1979-05-27\ncommand = "new"\nenv = { T = "2" }\n',
  ],
  'quoted keys': ['[m."n"]\n"command" = "x"\n', '[m."n"]\n"command" = "new"\nenv = { T = "2" }\n'],
  'a head without a line end': ['[m.n]', '[m.n]\ncommand = "new"\nenv = { T = "2" }\n'],
  'lists of tables within it': [
    '[[m.n.hooks]]\nat = 1\n[[m.n.hooks]]\nat = 2\n',
    '[[m.n.hooks]]\nat = 1\n[[m.n.hooks]]\nat = 2\n\n[m.n]\ncommand = "new"\nenv = { T = "2" }\n',
  ],
}
for (const [what, [before, after]] of Object.entries(REPLACED))
  test(`TOML replaced: ${what}`, () => {
    assert.equal(withServer(before, TABLE, 'n', NEW), after)
    assert.equal(withServer(after, TABLE, 'n', NEW), after)
  })

const REMOVED: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'all its tables, wherever': [
    'a = 1\n\n[m.n]\nx = 1\n# y = 2\n\n[z]\nq = 1\n\n[m.n.env]\nA = "1"\n\n[[m.n.hooks]]\nb = 1\n\n# end\n',
    'a = 1\n\n[z]\nq = 1\n\n# end\n',
  ],
  'a table of one line': ['[m]\n# n\nn = {} # gone\no = {}\n', '[m]\n# n\no = {}\n'],
  'dotted keys': ['m.n.a = 1\nm.o.a = 1\nm.n.b = [\n1]\n', 'm.o.a = 1\n'],
  'an empty table': ['[m.n]\n[m.o]\n', '[m.o]\n'],
  'not one whose name only begins so': ['[m.nn]\na = 1\n\n[n]\nb = 1\n', '[m.nn]\na = 1\n\n[n]\nb = 1\n'],
}
for (const [what, [before, after]] of Object.entries(REMOVED))
  test(`TOML removed: ${what}`, () => assert.equal(withoutServer(before, TABLE, 'n'), after))

test('TOML is read in every way it is written', () => {
  const text = 'm.a.x = 1\nm.b = { y = { z = [1, 2.5, true] } }\n[m.c]\n[m.d.env]\nT = "t"\n[[other.list]]\n'
  assert.deepEqual(Object.fromEntries(readServers(text, TABLE)), {
    a: { x: 1 },
    b: { y: { z: [1, 2.5, true] } },
    c: {},
    d: { env: { T: 't' } },
  })
  assert.deepEqual([...readServers('', TABLE)], [])
})

const REFUSED: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  'no value': ['a = 1\nb = yes\n', /not valid TOML: .*\(line 2, column \d\)/],
  'a bad escape': ['a = "C:\\Users"', /not valid TOML/],
  'a table twice': ['[m.n]\n[m.n]\n', /multiple times .*\(line 2/],
  'a key twice': ['[m.n]\na = 1\na = 2\n', /multiple times .*\(line 3/],
  'no table': ['m = 1\n', /m is not a table \(line 1, column 1\)/],
  'a list of tables': ['a = 1\n[[m]]\n', /list of tables .*\(line 2/],
}
for (const [what, [text, message]] of Object.entries(REFUSED))
  test(`TOML refused and not repaired: ${what}`, () => {
    const refusal = { facts: { code: 'config-unreadable' }, message }
    assert.throws(() => readServers(text, TABLE), refusal)
    assert.throws(() => withServer(text, TABLE, 'n', NEW), refusal)
    assert.throws(() => withoutServer(text, TABLE, 'n'), refusal)
  })

test('TOML, all servers in one pair of braces: read, and refused only where something would change', () => {
  const text = 'm = { o = { url = "x" } }\n'
  assert.deepEqual([...readServers(text, TABLE)], [['o', { url: 'x' }]])
  assert.equal(withoutServer(text, TABLE, 'n'), text)
  for (const change of [
    () => withServer(text, TABLE, 'n', NEW),
    () => withServer(text, TABLE, 'o', NEW),
    () => withoutServer(text, TABLE, 'o'),
  ])
    assert.throws(change, { facts: { code: 'config-unreadable' }, message: /m is written in braces/ })
})
