// What has come of a replay, as lines for a person. Pure.
import kleur from 'kleur'
import { cut, printable } from '../foreign-text.ts'
import type { Difference } from './comparison.ts'
import { riskyOf, type Script } from './script.ts'
import { plural, shown, wordsOf } from './sequence-view.ts'
import type { Verdict } from './verdicts.ts'

const LONGEST_VALUE = 120

const COLOURS: Readonly<Record<Verdict['outcome'], (text: string) => string>> = {
  same: (text) => kleur.green(text),
  different: (text) => kleur.red(text),
  missing: (text) => kleur.red(text),
  new: (text) => kleur.yellow(text),
  unanswered: (text) => kleur.dim(text),
  unknown: (text) => kleur.yellow(text),
  skipped: (text) => kleur.yellow(text),
}

const WORDS: Readonly<Partial<Record<Verdict['outcome'], string>>> = {
  missing: 'answered then, and not now',
  new: 'not answered then',
  unanswered: 'not answered then either',
  unknown: 'the answer then is not whole in the trace',
  skipped: 'not whole in the trace',
}

export function replayView(
  verdicts: readonly Verdict[],
  unknown: readonly string[],
  isColoured: boolean,
): string[] {
  kleur.enabled = isColoured
  const counts = (Object.keys(COLOURS) as Verdict['outcome'][])
    .map((outcome) => [outcome, verdicts.filter((one) => one.outcome === outcome).length] as const)
    .filter(([outcome, count]) => count > 0 || outcome === 'same' || outcome === 'different')
  return [
    ...verdicts.flatMap(linesOf),
    ...[...new Set(unknown)].map((method) =>
      kleur.yellow(`the remote has asked ${shown(method)}, to which the trace has no answer`),
    ),
    '',
    counts.map(([outcome, count]) => `${count} ${outcome}`).join(', '),
  ]
}

function linesOf({ outcome, method, name, id, thenMs, nowMs, differences }: Verdict): string[] {
  const what = wordsOf([method, name, id])
  const times =
    nowMs === undefined
      ? ''
      : kleur.dim(`, ${thenMs === undefined ? '' : `${thenMs} ms then, `}${nowMs} ms now`)
  const words = WORDS[outcome]
  return [
    `${COLOURS[outcome](outcome.padEnd(10))}  ${what}${times}${words === undefined ? '' : `, ${words}`}`,
    ...differences.map(differenceLine),
  ]
}

function differenceLine({ path, before, after }: Difference): string {
  const value = (text: string | undefined): string =>
    text === undefined ? 'nothing' : cut(printable(text), LONGEST_VALUE)
  return `            ${shown(path)}: ${kleur.red(value(before))} → ${kleur.green(value(after))}`
}

/** What would be sent. */
export function dryView(script: Script, isColoured: boolean): string[] {
  kleur.enabled = isColoured
  const risky = new Set(riskyOf(script))
  return [
    ...script.cues.map(({ envelope, request }) => {
      const words = wordsOf([envelope.method, request?.name, request?.id.raw])
      return request && risky.has(request) ? `${words}  ${kleur.yellow('may change something')}` : words
    }),
    '',
    `${plural(script.cues.length, 'message')} would be sent, ${risky.size} of them may change something`,
  ]
}
