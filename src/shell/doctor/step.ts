// What the doctor tells of one step of the way, as a value: people read it as lines, programs as JSON. users.md 2.
import type { ErrorKind } from '../../errors.ts'

/** `skipped`: it was not looked at, and `sees` says why. */
export type State = 'ok' | 'warn' | 'fail' | 'skipped'

/** The exit codes of `doctor`, by what the first step that failed was about; the help and the README tell them. */
export const DOCTOR_EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  connection: 3,
  tls: 4,
  http: 5,
  auth: 6,
  protocol: 7,
} as const

export type Subject = Exclude<keyof typeof DOCTOR_EXIT, 'ok'>

/** What a failure of the bridge's is about, where that is not what the step is about. */
export const SUBJECTS: Readonly<Partial<Record<ErrorKind, Subject>>> = {
  dns: 'connection',
  refused: 'connection',
  proxy: 'connection',
  timeout: 'http',
  tls: 'tls',
  http: 'http',
  redirect: 'http',
  content: 'http',
  'rate-limited': 'http',
  'auth-required': 'auth',
  'auth-failed': 'auth',
  usage: 'usage',
}

/** What a step came to. No text here may hold a secret; what is known as one is taken out once more when it is told. */
export interface Finding {
  readonly state: State
  /** What there is to see, in one sentence without its full stop. */
  readonly sees: string
  /** More of it, one line each. */
  readonly details?: readonly string[]
  /** What to do, where something is to be done. */
  readonly advice?: string
  /** What it is about if it failed, where that differs from what the step is about. */
  readonly subject?: Subject
  /** For programs. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export interface Step extends Finding {
  readonly name: string
  /** Absent where nothing was waited for. */
  readonly tookMs?: number
}

/** Our own sentences have the advice at their end, behind a semicolon. */
export function parted(sentence: string): Pick<Finding, 'sees' | 'advice'> {
  const at = sentence.lastIndexOf('; ')
  return at < 0 ? { sees: sentence } : { sees: sentence.slice(0, at), advice: sentence.slice(at + 2) }
}

/** A step that is not taken, and why. */
export function skipped(why: string): Finding {
  return { state: 'skipped', sees: why }
}
