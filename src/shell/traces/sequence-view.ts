// A sequence as lines for a person. What others have said is shown as text that no terminal obeys. Pure.
import kleur from 'kleur'
import { cut, printable } from '../foreign-text.ts'
import type { HttpStep } from './http-steps.ts'
import type { Asked, MessageStep, Sequence, Step, Summary } from './sequence.ts'

const LONGEST_WORD = 100
const LONGEST_ERROR = 300
const LONGEST_LIST = 20

export function viewOf({ run, start, steps, summary }: Sequence, isColoured: boolean): string[] {
  kleur.enabled = isColoured
  const head =
    start === undefined
      ? `a bridge whose start is not in the file, run ${shown(run)}`
      : `${shown(start.url)}${start.hasQuery ? '?…' : ''}, ${shown(start.at)}, mcp-ferry ${shown(start.version)}, run ${shown(run)}`
  return [kleur.bold(head), ...steps.map(lineOf), '', ...summaryOf(summary)]
}

function lineOf(step: Step): string {
  const at = kleur.dim((step.ms / 1000).toFixed(3).padStart(9))
  if (step.step === 'lost')
    return `${at}  ${kleur.yellow(`${step.records} lines are missing: the disk was too slow`)}`
  return `${at}  ${step.step === 'message' ? messageLine(step) : httpLine(step)}`
}

function messageLine(step: MessageStep): string {
  const { dir, kind, method, name, id, bytes, tookMs, error, count, untilMs } = step
  const arrow = dir === 'toRemote' ? 'host → remote' : 'host ← remote'
  const what = wordsOf([method, name, id])
  const subject = kind === 'response' ? `answer to ${what}` : what
  const more = [
    count === undefined ? undefined : `${count} times until ${((untilMs ?? 0) / 1000).toFixed(3)}`,
    tookMs === undefined ? undefined : `after ${duration(tookMs)}`,
    kind === 'response' && tookMs === undefined ? 'nobody has asked' : undefined,
    size(bytes),
  ].filter((part) => part !== undefined)
  return `${kleur.cyan(arrow)}  ${subject}, ${kleur.dim(more.join(', '))}${errorPart(error)}`
}

function httpLine({ step, ...http }: HttpStep): string {
  const { method, path, status, type, session, tookMs, bytes, error, about, isAgain } = http
  const number = `#${http.exchange}`
  const after = tookMs === undefined ? undefined : `after ${duration(tookMs)}`
  const parts = {
    sent: [
      `${shown(method)} ${shown(path ?? '')}`,
      about === undefined ? undefined : shown(about),
      session,
      isAgain ? kleur.yellow('sent again') : undefined,
    ],
    answered: [String(status), type === undefined ? undefined : shown(type), after],
    ended: [
      error === undefined ? 'ended' : 'broke off',
      after,
      bytes === undefined ? undefined : size(bytes),
    ],
  }[step]
  const arrow = step === 'sent' ? '→' : '←'
  const text = parts.filter((part) => part !== undefined && part !== '').join(', ')
  return `${kleur.dim(`       ${arrow} HTTP  ${number} ${text}`)}${step === 'answered' && status !== undefined && status < 400 ? '' : errorPart(error)}`
}

function errorPart(error: string | undefined): string {
  return error === undefined ? '' : `  ${kleur.red(cut(printable(error), LONGEST_ERROR))}`
}

function summaryOf(summary: Summary): string[] {
  const { toRemote, toHost, exchanges, sessions, errors, unanswered, slowest, again, lost } = summary
  return [
    [
      plural(toRemote, 'message to the remote', 'messages to the remote'),
      plural(toHost, 'message to the host', 'messages to the host'),
      plural(exchanges, 'HTTP request'),
      plural(sessions, 'session'),
      plural(errors, 'error'),
    ].join(', '),
    ...list('never answered', unanswered, (one) => `${asked(one)}${one.isCancelled ? ', cancelled' : ''}`),
    ...list('longest', slowest, (one) => `${asked(one)}, ${duration(one.tookMs!)}`),
    ...list('sent more than once', again, ({ about, times }) => `${shown(about)}, ${times} times`),
    ...(lost > 0 ? [`${plural(lost, 'line')} of the trace missing`] : []),
  ]
}

function list<One>(title: string, all: readonly One[], words: (one: One) => string): string[] {
  if (all.length === 0) return title === 'never answered' ? ['never answered: none'] : []
  const rest = all.length - LONGEST_LIST
  const lines = all.slice(0, LONGEST_LIST).map((one) => `  ${words(one)}`)
  const isBad = title === 'never answered'
  return [`${isBad ? kleur.yellow(title) : title}:`, ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])]
}

function asked({ dir, method, name, id, ms }: Asked): string {
  const what = wordsOf([method, name, id])
  return `${what}${dir === 'toHost' ? ' (asked by the remote)' : ''}, at ${(ms / 1000).toFixed(3)}`
}

/** Those that are there, as a terminal may show them. */
export function wordsOf(all: readonly (string | undefined)[]): string {
  return all.flatMap((word) => (word === undefined ? [] : [shown(word)])).join(' ')
}

export function shown(text: string): string {
  return cut(printable(text), LONGEST_WORD)
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function size(bytes: number): string {
  if (bytes < 1000) return plural(bytes, 'byte')
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
