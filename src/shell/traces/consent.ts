// Whether calls that may change something are to be made once more: a person is asked, a script must say so.
import { usage } from '../../errors.ts'
import type { Surroundings } from '../door.ts'
import { cut, printable } from '../foreign-text.ts'
import type { Replayed } from './script.ts'
import { plural } from './sequence-view.ts'

const MOST_NAMES = 5

/** Rejects with BridgeError `usage` if there is nobody to be asked. */
export async function agree(
  risky: readonly Replayed[],
  { host }: URL,
  { program, tell, stopped }: Pick<Surroundings, 'program' | 'tell' | 'stopped'>,
): Promise<boolean> {
  if (risky.length === 0) return true
  const names = [...new Set(risky.map(({ method, name }) => cut(printable(name ?? method), 60)))]
  const rest = names.length - MOST_NAMES
  const list = `${names.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  const what = `${plural(risky.length, 'request')} that may change something would be sent to ${host} again (${list})`
  const { stdin } = program
  if (stdin.isTTY !== true)
    throw usage('replay-needs-yes', `${what}; add --yes if that is wanted, or --dry-run to see them all`)
  tell(`${what}; type y and Enter to send them:`)
  const answer = await Promise.race([firstLine(stdin), stopped])
  return /^\s*y(?:es)?\s*$/i.test(answer ?? '')
}

function firstLine(input: Surroundings['program']['stdin']): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const end = (): void => {
      input.off('data', take)
      input.pause()
      resolve(text.split('\n', 1)[0]!)
    }
    const take = (chunk: Buffer | string): void => {
      text += String(chunk)
      if (text.includes('\n')) end()
    }
    input.on('data', take)
    input.once('end', end)
  })
}
