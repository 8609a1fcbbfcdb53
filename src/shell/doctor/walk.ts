// The way from the command line to the remote's tools, step by step. What a step rests on, and is not there, makes it skipped
// and says so; everything else goes on after a failure. users.md 2.

import { toBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { HttpProxy } from '../../options/network.ts'
import type { Options } from '../../options/options.ts'
import { isByPerson } from '../../options/sign-in.ts'
import { createHttp } from '../../remote/http/choice.ts'
import { endOf } from '../../remote/refused.ts'
import type { Surroundings } from '../door.ts'
import { watch } from '../exchanges.ts'
import { lookAtTls, type TlsQuestion } from './certificate.ts'
import { connectToAll, lookUpName, type Target, targetOf } from './connection.ts'
import { type Credentials, openCredentials } from './credential.ts'
import { lookAtStream, sayGoodbye, shakeHands } from './handshake.ts'
import { startHost } from './host.ts'
import { lookAtOffer } from './offer.ts'
import { lookAtProxy, type ProxyFinding, type ProxyQuestion, tunnelThrough } from './proxy.ts'
import { type Asking, ask, type Reply } from './question.ts'
import { compareClocks, isRefused, judgeReply, mayBeOld } from './reply.ts'
import { lookAtSignIn } from './sign-in.ts'
import { DOCTOR_EXIT, type Finding, type Step, SUBJECTS, type Subject, skipped } from './step.ts'

export interface Way {
  readonly options: Options
  readonly log: Log
  readonly surroundings: Surroundings
  readonly take: Taker
}

/** Takes a step, tells it, and returns what it has found. */
export type Taker = <Found extends Finding>(
  name: string,
  subject: Subject,
  look: () => Found | Promise<Found>,
) => Promise<Found>

/** For steps that have no limit of their own: nothing is waited for longer. */
const STEP_MS = 30_000

export interface Steps {
  readonly take: Taker
  /** The exit code by the first step that failed. */
  exitCode(): number
}

export function createSteps(tell: (step: Step) => Promise<void>): Steps {
  let code: number = DOCTOR_EXIT.ok
  return {
    exitCode: () => code,
    async take(name, subject, look) {
      const startedAt = Date.now()
      const found = await look()
      const tookMs = Date.now() - startedAt
      if (found.state === 'fail' && code === DOCTOR_EXIT.ok) code = DOCTOR_EXIT[found.subject ?? subject]
      const { state, sees, details, advice, facts } = found
      await tell({
        name,
        state,
        ...(state !== 'skipped' && WAITING.has(name) && { tookMs }),
        sees,
        ...(details !== undefined && { details }),
        ...(advice !== undefined && { advice }),
        ...(facts !== undefined && { facts }),
      })
      return found
    },
  }
}

const WAITING = new Set([
  'name',
  'connection',
  'tls',
  'http',
  'sign-in',
  'handshake',
  'offer',
  'stream',
  'end',
])

/** What cannot be looked at, each step with the reason. */
export async function skipAll(take: Taker, names: readonly StepName[], why: string): Promise<void> {
  for (const name of names) await take(name, 'internal', () => skipped(why))
}

/** In their order, behind what needs no network. */
export const NETWORK_STEPS = [
  'proxy',
  'name',
  'connection',
  'tls',
  'http',
  'clock',
  'sign-in',
  'handshake',
  'offer',
  'stream',
  'end',
] as const
type StepName = (typeof NETWORK_STEPS)[number]

function from(name: StepName): readonly StepName[] {
  return NETWORK_STEPS.slice(NETWORK_STEPS.indexOf(name))
}

/** All steps that need the network. */
export async function walk(way: Way): Promise<void> {
  const { options, take, surroundings } = way
  const { limits, url } = options
  const target = targetOf(url, limits.connectTimeoutMs, options.network)
  const environment = { values: surroundings.env, windows: surroundings.platform === 'win32' }
  const asked: ProxyQuestion = {
    environment,
    url,
    network: options.network ?? {},
    userAgent: surroundings.userAgent,
    limitMs: limits.connectTimeoutMs,
  }
  const found = await take('proxy', 'connection', () => lookAtProxy(asked))
  if (found.state === 'fail') return skipAll(take, from('name'), 'because the proxy does not let us through')
  const start =
    found.proxy === undefined ? await connectDirectly(way, target, found) : byProxy(asked, found.proxy)
  if (start === undefined) return
  if (found.proxy !== undefined) {
    await take('name', 'connection', () => skipped('the proxy looks the name up'))
    await take('connection', 'connection', () => skipped('the proxy connects'))
  }
  const hasExtra = Boolean(surroundings.env.NODE_EXTRA_CA_CERTS)
  const tls = await take('tls', 'tls', () => lookAtTls({ target, ...start, hasExtra, nowMs: Date.now() }))
  if (tls.state === 'fail') return skipAll(take, from('http'), 'because there is no TLS')
  const { reply, state: answer } = await askFirst(way)
  if (reply === undefined) return skipAll(take, from('clock'), 'because there is no answer')
  await take('clock', 'auth', () => compareClocks(reply, hasTokens(reply)))
  const question = { options, reply, isLetIn: answer === 'ok', log: way.log, surroundings }
  const signIn = await take('sign-in', 'auth', () => lookAtSignIn(question))
  const lacksPerson = signIn.state === 'fail' && !options.signIn.isOff && isByPerson(options.signIn)
  if (lacksPerson) return skipAll(take, from('handshake'), 'because one has to sign in first')
  return throughBridge(way)
}

/** Where TLS begins. */
type Start = Pick<TlsQuestion, 'reached' | 'tunnel'>

function byProxy(asked: ProxyQuestion, proxy: HttpProxy): Start {
  return { reached: { address: '', family: 0 }, tunnel: () => tunnelThrough(asked, proxy) }
}

/** Undefined where the way ends, which has been told. */
async function connectDirectly(
  { take }: Way,
  target: Target,
  { unused }: ProxyFinding,
): Promise<Start | undefined> {
  /** What cannot be reached directly may be reachable by it. */
  const orProxy = <Found extends Finding>(found: Found): Found =>
    found.state !== 'fail' || unused === undefined ? found : { ...found, advice: unused }
  const { state, addresses } = await take('name', 'connection', async () => orProxy(await lookUpName(target)))
  if (state === 'fail') {
    await skipAll(take, from('connection'), 'because the name has no address')
    return undefined
  }
  const { reached } = await take('connection', 'connection', async () =>
    orProxy(await connectToAll(target, addresses)),
  )
  if (reached !== undefined) return { reached }
  await skipAll(take, from('tls'), 'because there is no connection')
  return undefined
}

/** A Bearer or DPoP token, or a header with a JWT in it. */
function hasTokens({ sentHeaders }: Reply): boolean {
  return sentHeaders.some((text) => /^(bearer|dpop) /i.test(text) || endOf(text) !== undefined)
}

const NO_BRAKE = { isPaused: false, set: () => {}, onChange: () => () => {} }

type Answer = Finding & { readonly reply?: Reply }

/** The first answer of the remote, seen as it comes. */
async function askFirst({ options, log, surroundings, take }: Way): Promise<Answer> {
  const { url, limits } = options
  const http = createHttp(options.network, { connectTimeoutMs: limits.connectTimeoutMs, flow: NO_BRAKE })
  return take('http', 'http', async (): Promise<Answer> => {
    let credentials: Credentials | undefined
    try {
      credentials = await openCredentials(options, log, surroundings)
      const { userAgent } = surroundings
      const asking: Asking = { url, http, credentials, userAgent, log, limitMs: limitOf(options) }
      const reply = await ask(asking, 'POST')
      const old = mayBeOld(reply) ? await ask(asking, 'GET').catch(() => undefined) : undefined
      const first = old !== undefined && isRefused(old) ? old : reply
      return { ...judgeReply(first, old, log.redact), reply: first }
    } catch (thrown) {
      const { kind, message, facts } = toBridgeError(thrown)
      const isOther = url.protocol === 'http:' && (kind === 'stream-lost' || kind === 'protocol')
      return {
        state: 'fail',
        sees: message,
        ...(isOther && { advice: 'does that port speak https? If so, write https:// in the URL' }),
        subject: SUBJECTS[kind] ?? 'http',
        facts: { kind, ...facts },
      }
    } finally {
      await credentials?.close()
      http.close()
    }
  })
}

function limitOf({ limits }: Options): number {
  return limits.requestTimeoutMs || STEP_MS
}

/** The bridge itself, as an editor has it, but that nothing is answered from memory and nobody is asked to sign in. */
async function throughBridge({ options, log, surroundings, take }: Way): Promise<void> {
  const { limits, signIn } = options
  const watched = watch(log)
  const run = await surroundings.prepare(
    { ...options, limits: { ...limits, startBudgetMs: -1 }, signIn: { ...signIn, asksNobody: true } },
    watched.log,
  )
  const host = startHost(run, limitOf(options))
  const { opened } = await take('handshake', 'protocol', () => shakeHands(host, watched))
  if (opened === undefined) {
    await skipAll(take, from('offer'), 'because there is no handshake')
    await host.end()
    return
  }
  await take('offer', 'protocol', () => lookAtOffer(host, opened, log.redact))
  await take('stream', 'protocol', () => lookAtStream(opened, watched))
  await take('end', 'protocol', () => sayGoodbye(host, watched))
}
