// `npm run hostile`: each attack of the hostile remote on the installed bridge, as large as a determined attacker makes it,
// and a table of what that did. Ends with 1 if the bridge has not held. protocol.md 0.1, 0.8, 0.9.
import { parseArgs } from 'node:util'
import { SMALL_ARGS } from '../../test/fixtures/servers/hostile.ts'
import { ATTACKS } from '../../test/fixtures/servers/hostile-attacks.ts'
import { provideBridge } from '../installed-bridge.ts'
import { besiege } from './siege.ts'
import { complaints } from './verdict.ts'

const HELP = `npm run hostile -- [options] [beginnings of names]
  --small     as small as in the suite
  --no-pack   take what scripts/pack.mjs installed last
The attacks: ${ATTACKS.map(({ name }) => name).join(', ')}`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    'no-pack': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function run(): Promise<boolean> {
  const isWanted = (name: string): boolean => positionals.some((beginning) => name.startsWith(beginning))
  const chosen = ATTACKS.filter(({ name }) => positionals.length === 0 || isWanted(name))
  if (chosen.length === 0) throw new Error('there is no such attack; see --help')
  provideBridge(values['no-pack'])
  const which = values.small ? 0 : 1
  console.log(
    `${'attack'.padEnd(36)}${'above idle'.padStart(10)}${'bound'.padStart(8)}${'s'.padStart(7)}  the host got`,
  )
  let hasHeld = true
  for (const attack of chosen) {
    const startedAt = Date.now()
    const bound = attack.bounds[which]
    const outcome = await besiege(attack, { size: attack.sizes[which], args: values.small ? SMALL_ARGS : [] })
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
    const above = outcome.aboveMb === undefined ? '?' : `${outcome.aboveMb} MB`
    const got = outcome.sentence === '' ? outcome.got : outcome.sentence
    console.log(
      `${attack.name.padEnd(36)}${above.padStart(10)}${`${bound} MB`.padStart(8)}${seconds.padStart(7)}  ${got}`,
    )
    for (const complaint of complaints(attack, outcome, bound)) {
      hasHeld = false
      console.log(`  ${complaint}`)
    }
  }
  return hasHeld
}

if (values.help) console.log(HELP)
else process.exitCode = (await run()) ? 0 : 1
