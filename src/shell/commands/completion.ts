// `completion`: the script that makes a shell complete our command lines.
import { EXIT, usage } from '../../errors.ts'
import { SHELLS } from '../../options/completion-help.ts'
import { readGrammar } from '../completion/grammar.ts'
import { SCRIPTS } from '../completion/scripts.ts'
import type { Surroundings } from '../door.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runCompletion(argv: readonly string[], { program }: Surroundings): Promise<number> {
  const [word, ...more] = argv.filter((each) => each !== '--')
  const shell = SHELLS.find((name) => name === (word === 'pwsh' ? 'powershell' : word))
  if (shell === undefined || more.length > 0)
    throw usage('bad-value', `completion takes the name of a shell; write one of ${SHELLS.join(', ')}`)
  return new Promise((resolve) => program.stdout.write(SCRIPTS[shell](readGrammar()), () => resolve(EXIT.ok)))
}
