// The names that the host sees, made from the remote's by a rule, and read back. users.md 34.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNaming, type Naming } from '../../../src/stages/naming.ts'

const renames = (pairs: Readonly<Record<string, string>>) => new Map(Object.entries(pairs))

function forHost(naming: Naming, all: readonly string[]): Record<string, string | undefined> {
  const names = naming.nameAll(all).forHost
  return Object.fromEntries(all.map((name) => [name, names.get(name)]))
}

/** What the host's name leads to when all names are known. */
function back(naming: Naming, hostName: string, all: readonly string[]): string | undefined {
  const meaning = naming.read(hostName)
  if (meaning.kind !== 'made') return meaning.kind === 'name' ? meaning.name : undefined
  return naming.nameAll(all).made.get(hostName) ?? meaning.plain
}

/** No two things have one name, each name leads back, and no other name of theirs leads anywhere. */
function assertReversible(naming: Naming, all: readonly string[], most = Infinity): void {
  const names = naming.nameAll(all).forHost
  assert.equal(names.size, new Set(all).size)
  assert.equal(new Set(names.values()).size, names.size, 'each has a name of its own')
  for (const [name, hostName] of names) {
    assert.ok(hostName.length <= most, `${hostName} has at most ${most} characters`)
    assert.equal(back(naming, hostName, all), name)
  }
}

test('a prefix stands in front of every name that is not renamed', () => {
  const naming = createNaming({ prefix: 'gh_', renames: renames({ search: 'find' }) })
  assert.deepEqual(forHost(naming, ['get', 'search', 'gh_x']), {
    get: 'gh_get',
    search: 'find',
    gh_x: 'gh_gh_x',
  })
  assert.deepEqual(naming.read('gh_get'), { kind: 'name', name: 'get' })
  assert.deepEqual(naming.read('find'), { kind: 'name', name: 'search' })
  for (const name of ['get', 'search', 'gh_search', 'gh', 'GH_get', ''])
    assert.deepEqual(naming.read(name), { kind: 'unknown' }, name)
})

test('a name that the user gives to another: its owner gets digits, whether it is there or not', () => {
  const naming = createNaming({ renames: renames({ old: 'echo' }) })
  assert.deepEqual(forHost(naming, ['echo', 'old', 'else']), {
    echo: 'echo_f3ce7f',
    old: 'echo',
    else: 'else',
  })
  assert.deepEqual(naming.displaced, ['echo'])
  assert.equal(naming.nameAll(['echo']).forHost.get('echo'), 'echo_f3ce7f', 'also without the other')
  assertReversible(naming, ['echo', 'old', 'else', 'echo_f3ce7f', 'old_1'])
  assert.equal(naming.nameAll(['echo', 'echo_f3ce7f']).forHost.get('echo_f3ce7f'), 'echo_f3ce7f')
})

test('two tools may change their names with each other', () => {
  const naming = createNaming({ renames: renames({ a: 'b', b: 'a' }) })
  assert.deepEqual(forHost(naming, ['a', 'b']), { a: 'b', b: 'a' })
  assert.deepEqual(naming.displaced, [])
  assertReversible(naming, ['a', 'b', 'c'])
})

test('a name that is too long is cut, in the same way wherever and whenever', () => {
  const naming = createNaming({ prefix: 'gh_', mostCharacters: 20 })
  const all = ['x'.repeat(17), 'x'.repeat(18), `${'x'.repeat(18)}b`, 'short']
  assert.deepEqual(forHost(naming, all), {
    [all[0]!]: `gh_${'x'.repeat(17)}`,
    [all[1]!]: `gh_${'x'.repeat(10)}_7928d6`,
    [all[2]!]: `gh_${'x'.repeat(10)}_927445`,
    short: 'gh_short',
  })
  assertReversible(naming, all, 20)
  for (const order of [[...all].reverse(), [all[1]!], [all[2]!, all[1]!]]) {
    const names = naming.nameAll(order).forHost
    for (const name of order) assert.equal(names.get(name), naming.nameAll(all).forHost.get(name))
  }
  assert.deepEqual(naming.read(`gh_${'x'.repeat(18)}`), { kind: 'unknown' }, 'the long name itself')
})

test('a name that looks shortened is read by what the remote has', () => {
  const naming = createNaming({ mostCharacters: 20 })
  const made = naming.nameAll(['x'.repeat(30)]).forHost.get('x'.repeat(30))!
  assert.deepEqual(naming.read(made), { kind: 'made', plain: undefined }, 'none that long is plain')
  const unhurried = createNaming({ prefix: 'p_' }).read('p_x_abcdef')
  assert.deepEqual(unhurried, { kind: 'name', name: 'x_abcdef' }, 'where none is ever made')
  assert.deepEqual(naming.read('x_abcdef'), { kind: 'made', plain: 'x_abcdef' })
  assertReversible(naming, ['x'.repeat(30), made, 'x_abcdef', naming.nameAll([made]).forHost.get(made)!], 20)
})

test('two whose digits are the same get more of them', () => {
  // Found by trying: the digests of these begin alike.
  const [one, two] = collision(6)
  const naming = createNaming({ mostCharacters: 32 })
  const alone = naming.nameAll([one]).forHost.get(one)!
  assert.match(alone, /^x+_[0-9a-f]{6}$/)
  const both = naming.nameAll([one, two]).forHost
  assert.match(both.get(one)!, /^x+_[0-9a-f]{12}$/)
  assert.notEqual(both.get(one), both.get(two))
  assert.deepEqual([...naming.nameAll([two, one]).forHost].sort(), [...both].sort())
  assertReversible(naming, [one, two, 'x'.repeat(60)], 32)
})

test('odd names: pairs of surrogates are never cut in two, halves of them are names as well', () => {
  const naming = createNaming({ mostCharacters: 16 })
  for (const at of [5, 6, 7, 8, 9, 10, 11]) {
    const name = `${'a'.repeat(at)}${'😀'.repeat(10)}`
    const made = naming.nameAll([name]).forHost.get(name)!
    assert.doesNotThrow(() => encodeURIComponent(made), made)
    assert.ok(made.length >= 15 && made.length <= 16, made)
  }
  const all = [
    '\ud800',
    '\ud801',
    '',
    ' ',
    '\u0000',
    'a b',
    'é'.repeat(20),
    '\ud83d'.repeat(20),
    '\udc00'.repeat(20),
  ]
  assertReversible(naming, all, 16)
  assertReversible(createNaming({ prefix: 'p.', renames: renames({ '': 'none' }) }), all)
})

test('names like those of every object are names', () => {
  const all = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  assertReversible(createNaming({ mostCharacters: 16, prefix: '_' }), all, 16)
  assertReversible(createNaming({ renames: renames({ ['__proto__']: 'constructor' }) }), all)
})

/** Two long names with the same shortened one: shorter marks have them soon. */
function collision(digits: number): [string, string] {
  const naming = createNaming({ mostCharacters: 32 })
  const seen = new Map<string, string>()
  for (let n = 0; ; n++) {
    const name = `${'x'.repeat(40)}${n}`
    const made = naming.nameAll([name]).forHost.get(name)!
    assert.equal(made.length, 32)
    const other = seen.get(made.slice(-digits))
    if (other !== undefined) return [other, name]
    seen.set(made.slice(-digits), name)
  }
}
