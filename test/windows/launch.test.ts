// The packed tarball, fetched and started by the real npx.cmd in each way that an editor starts it, with each kind of
// credential: what reaches the server, that nothing else is on stdout, and that the bridge ends with its host, or when
// the shell that it runs in is killed. arguments.md 1.1, 2 and 3.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { NODES } from '../../scripts/windows/bed.mjs'
import { BY_COMMAND, BY_NPX, BY_SCRIPT, INSTALL, type KindName, type Launch, launches } from './launching.ts'
import { LINES, type Seen, SKIP, windows } from './machine.ts'

/** A start by npx takes seconds, so each way is tried with all that can go wrong at once. */
const HARDEST: readonly KindName[] = ['a header and a URL']
const EACH: readonly KindName[] = ['no credential', 'a header with spaces', 'a bearer', 'a URL with &']
const RARE = ['codex', 'windsurf']
const often = BY_NPX.filter(({ launcher }) => !RARE.includes(launcher))
const onEveryNode = [...launches(often, HARDEST), ...launches(BY_SCRIPT, HARDEST)]
const onOneNode = [
  ...launches(
    BY_NPX.filter((way) => !often.includes(way)),
    HARDEST,
  ),
  ...launches(BY_COMMAND, EACH),
  ...launches(BY_SCRIPT, EACH),
]

const main = LINES.includes(NODES[22]) ? NODES[22] : LINES[0]!
for (const node of LINES)
  describe(`on Node ${node}`, { skip: SKIP }, () => {
    const all: readonly Launch[] = node === main ? [...onEveryNode, ...onOneNode] : onEveryNode
    let seen: ReadonlyMap<string, Seen>
    before(async () => {
      const machine = await windows(node)
      const cases = await Promise.all(all.map((one) => one.prepare(machine)))
      const inShell = cases.findLast(({ command }) => command === 'cmd')!
      const killed = { ...inShell, name: 'killed', end: 'kill' } as const
      // The first by npx fetches the package, which two at once would do in each other's way.
      seen = await machine.play([INSTALL], cases.slice(0, 1), [...cases.slice(1), killed])
    })
    for (const one of all) it(one.name, () => one.check(seen))

    it('ends when only the shell that it was started by is killed', () => {
      const { lines, failure } = seen.get('killed')!
      assert.deepEqual({ lines: lines.length, failure }, { lines: 2, failure: '' })
    })
  })
