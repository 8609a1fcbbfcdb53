// The steps through the bridge itself: what an editor gets that starts it with these arguments. Nothing is answered from memory
// and nobody is asked to sign in. protocol.md 0.8, A.1, A.5, A.7, F.
import { type BridgeError, toBridgeError } from '../../errors.ts'
import type { Sent, Watch } from '../exchanges.ts'
import { cut, textOf } from '../foreign-text.ts'
import { type Fields, fieldsOf, type Host } from './host.ts'
import { INITIALIZE } from './question.ts'
import { type Finding, SUBJECTS, skipped } from './step.ts'

/** What the handshake has brought, for the steps behind it. */
export interface Opened {
  readonly era: 'legacy' | 'modern'
  readonly transport: 'http' | 'http+sse'
  readonly serverName: string
  readonly capabilities: Fields
}

/** How long it is waited for whether there is a stream: a server that has one says so at once. */
const STREAM_MS = 5000

export async function shakeHands(host: Host, watch: Watch): Promise<Finding & { readonly opened?: Opened }> {
  let result: Fields
  try {
    result = await host.ask('initialize', INITIALIZE)
  } catch (thrown) {
    return failed(toBridgeError(thrown), watch)
  }
  host.tell('notifications/initialized')
  const opened: Opened = {
    ...spoken(watch.sent),
    serverName: textOf(fieldsOf(result.serverInfo).name),
    capabilities: fieldsOf(result.capabilities),
  }
  return { ...introduced(result, opened, watch), opened }
}

function introduced(result: Fields, { era, transport, capabilities }: Opened, watch: Watch): Finding {
  const shown = (value: unknown): string => cut(watch.log.redact(textOf(value)), 60)
  const info = fieldsOf(result.serverInfo)
  const [name, version, protocol] = [info.name, info.version, result.protocolVersion].map(shown)
  const over = transport === 'http' ? 'Streamable HTTP' : 'HTTP+SSE'
  const spoken =
    era === 'modern'
      ? 'the modern era (2026-07-28), translated for editors of before'
      : `${protocol ? `MCP ${protocol}` : 'no version of MCP'} over ${over}`
  const names = Object.keys(capabilities)
  const lacks = [...(name ? [] : ['its name']), ...(protocol ? [] : ['the version of MCP that it speaks'])]
  return {
    state: watch.told.length + lacks.length > 0 ? 'warn' : 'ok',
    sees: `${`${name || 'a server without a name'} ${version}`.trim()}, ${spoken}`,
    details: [names.length === 0 ? 'it offers nothing' : `it has ${names.join(', ')}`, ...watch.told],
    ...(lacks.length > 0 && {
      advice: `the server does not tell ${lacks.join(' and ')}, which editors may refuse; tell who runs it`,
    }),
    facts: {
      server: { name, version },
      era,
      transport,
      protocolVersion: protocol || null,
      capabilities: names,
    },
  }
}

function failed(error: BridgeError, watch: Watch): Finding {
  const { kind, facts } = error
  return {
    state: 'fail',
    sees: `the editor is told: ${error.message}`,
    // The sentence itself is told in the log as well.
    details: watch.told.filter((text) => !text.includes(error.message) && !error.message.includes(text)),
    subject: SUBJECTS[kind] ?? 'protocol',
    facts: { kind, ...facts },
  }
}

/** Which era and transport it came to, by what was sent and how it was answered. */
function spoken(sent: readonly Sent[]): Pick<Opened, 'era' | 'transport'> {
  const isGood = ({ status }: Sent): boolean => status >= 200 && status < 300
  const initialized = sent.findLastIndex((one) => one.what === 'initialize' && isGood(one))
  const discovered = sent.findLastIndex((one) => one.what === 'server/discover' && isGood(one))
  if (discovered > initialized) return { era: 'modern', transport: 'http' }
  // The stream of the old transport is there before anything is POSTed; the other one comes after the handshake.
  // Its answer may come on that stream before the POST is answered.
  const stream = sent.findIndex((one) => one.method === 'GET' && isGood(one))
  const isOld = stream >= 0 && (initialized < 0 || stream < initialized)
  return { era: 'legacy', transport: isOld ? 'http+sse' : 'http' }
}

export async function lookAtStream({ era, transport }: Opened, watch: Watch): Promise<Finding> {
  if (era === 'modern') return skipped('the modern era has none: editors subscribe to what they want to hear')
  if (transport === 'http+sse') return skipped('with HTTP+SSE all answers come on one stream, which is open')
  const isStream = ({ method, what }: Sent): boolean => method === 'GET' && what === 'stream'
  const got = await watch.answered(isStream, STREAM_MS)
  if (got === undefined)
    return {
      state: 'warn',
      sees: `a GET is not answered within ${STREAM_MS / 1000} s`,
      advice:
        'what stands in front of the server may hold streams back until they end; answers to calls may be held back as well',
      facts: { status: null },
    }
  const { status } = got
  const facts = { status }
  if (status === 200)
    return { state: 'ok', sees: 'open: the server can tell of changes, and ask the editor something', facts }
  if (status === 405) return { state: 'ok', sees: 'the server has none (HTTP 405), which is allowed', facts }
  return {
    state: 'warn',
    sees: `HTTP ${status} to a GET, where 200 or 405 is due; the bridge does without`,
    facts,
  }
}

export async function sayGoodbye(host: Host, watch: Watch): Promise<Finding> {
  await host.end()
  const ended = watch.sent.findLast(({ method, what }) => method === 'DELETE' && what === 'session')
  if (ended === undefined)
    return { state: 'ok', sees: 'there was no session to end', facts: { session: false } }
  const { status } = ended
  const facts = { session: true, status }
  if (status < 300) return { state: 'ok', sees: 'the session is ended', facts }
  if (status === 405)
    return { state: 'ok', sees: 'there was a session; the server ends it by itself (HTTP 405)', facts }
  return { state: 'ok', sees: `there was a session, which the server would not end (HTTP ${status})`, facts }
}
