// What is wrong with the outcome of an attack, in words; nothing, if the bridge has held. protocol.md 0.1, 0.8.
import type { Attack } from '../../test/fixtures/servers/hostile.ts'
import type { Outcome } from './siege.ts'

/** A few sentences, and not one for each message of a flood. */
const MOST_STDERR_BYTES = 10_000

export function complaints(attack: Attack, outcome: Outcome, boundMb: number): string[] {
  const { got, sentence, isServed, aboveMb, strays, stderrBytes, exitCode } = outcome
  const isSentence = sentence === '' || /^mcp-ferry: \S[^\n]{10,400}$/.test(sentence)
  return [
    got !== attack.gets && `the host got ${got}, not ${attack.gets}`,
    !isSentence && `the error is no sentence: ${sentence.slice(0, 500)}`,
    !isServed && 'nothing else was served',
    (aboveMb ?? 0) > boundMb && `${aboveMb} MB above idle, more than ${boundMb}`,
    strays.length > 0 && `stdout has what is no message: ${strays[0]}`,
    stderrBytes > MOST_STDERR_BYTES && `${stderrBytes} bytes on stderr`,
    exitCode !== 0 && `the bridge ended with ${exitCode}`,
  ].filter((each) => each !== false)
}
