// The step of TLS: what is spoken, who has signed for the server, until when; and where the bridge would refuse it, why and
// what helps. Nothing is sent but the handshake. protocol.md 0.6, 0.8, A.10.

import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { isUnknownSigner, namesOf, readShown, type Shown } from '../../remote/http/certificate.ts'
import { keepCertificate } from '../../remote/http/connections.ts'
import { dialOf } from '../../remote/http/dial.ts'
import { isTls } from '../../remote/http/failure.ts'
import { type Address, codeOf, failureText, type Target, timedOut } from './connection.ts'
import { type Finding, skipped } from './step.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** A certificate that ends so soon has most likely been forgotten. */
const FEW_DAYS = 14

export interface TlsQuestion {
  readonly target: Target
  readonly reached: Address
  /** A connection by a proxy instead, for each handshake a new one. */
  readonly tunnel?: () => Promise<Socket>
  /** Whether NODE_EXTRA_CA_CERTS is set. */
  readonly hasExtra: boolean
  readonly nowMs: number
}

interface Seen extends Shown {
  readonly protocol: string | null
  readonly cipher: string
}

export async function lookAtTls(question: TlsQuestion): Promise<Finding> {
  const { target } = question
  if (target.url.protocol !== 'https:') return skipped('the URL begins with http://, nothing is encrypted')
  const trust = await import('../../remote/http/trust.ts')
  const given = dialOf(target.network)
  const fail = (thrown: unknown): Pick<Finding, 'sees' | 'advice'> => {
    if (!isTls(thrown)) return { sees: failureText(thrown, target) }
    const { what, remedy } = trust.tlsReason(thrown, target.url.host)
    return remedy === '' ? { sees: what } : { sees: what, advice: remedy }
  }
  let seen: Seen
  try {
    // To see what is shown, whatever it is; nothing is sent.
    seen = await shake(question, { ...given, rejectUnauthorized: false }, readSeen)
  } catch (thrown) {
    return { state: 'fail', ...fail(thrown), facts: { code: codeOf(thrown) } }
  }
  const days = Math.floor((Date.parse(seen.validTo) - question.nowMs) / DAY_MS)
  const details = detailsOf(seen)
  const isAuthorized = (socket: TLSSocket): boolean => socket.authorized
  const retry = async (thrown: unknown): Promise<boolean> => {
    const more = trust.trustMore(thrown, given)
    if (more === given) throw thrown
    const isTrusted = await shake(question, more ?? {}, isAuthorized)
    details.push('Node does not know who has signed it, and what this system trusts does')
    return isTrusted
  }
  const facts = { ...seen, daysLeft: days }
  let authorized: boolean
  try {
    authorized = await shake(question, given ?? {}, isAuthorized).catch(retry)
  } catch (thrown) {
    const code = codeOf(thrown)
    if (question.hasExtra && isUnknownSigner(code))
      details.push('NODE_EXTRA_CA_CERTS is set, but that one is not among its certificates')
    return { state: 'fail', details, ...fail(thrown), facts: { ...facts, authorized: false, code } }
  }
  return judge({ seen, authorized, days, details, facts: { ...facts, authorized } }, target)
}

interface Judged {
  readonly seen: Seen
  readonly authorized: boolean
  readonly days: number
  readonly details: string[]
  readonly facts: Readonly<Record<string, unknown>>
}

/** The bridge would go on with it. */
function judge({ seen, authorized, days, details, facts }: Judged, { host, network }: Target): Finding {
  const inspector = inspectorIn(seen)
  if (inspector !== undefined) details.push(`${inspector}: a proxy that inspects TLS stands in between`)
  const sees = `${seen.protocol}, certificate of ${seen.subject} by ${seen.issuer}, ${days} days left`
  if (!authorized) {
    const cause = network.tls?.isInsecure ? '--insecure' : 'NODE_TLS_REJECT_UNAUTHORIZED=0'
    const advice = `nobody checks who that is: remove ${cause}`
    return { state: 'warn', sees: `${sees}, not checked`, details, advice, facts }
  }
  if (days >= FEW_DAYS) return { state: 'ok', sees, details, facts }
  const advice = `the certificate ends soon; whoever runs ${host} has to renew it`
  return { state: 'warn', sees, details, advice, facts }
}

function detailsOf(seen: Seen): string[] {
  return [
    `${seen.cipher}; the certificate is for ${namesOf(seen)}`,
    `signed by ${seen.issuer}${seen.top === seen.issuer ? '' : `, in the end by ${seen.top}`}`,
    `valid from ${seen.validFrom} until ${seen.validTo}`,
  ]
}

async function shake<T>(
  { target, reached, tunnel }: TlsQuestion,
  options: ConnectionOptions,
  read: (socket: TLSSocket) => T,
): Promise<T> {
  const { host, port, limitMs } = target
  const through = tunnel && { socket: await tunnel() }
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...(through ?? { host: reached.address, port }),
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...options,
    })
    socket.setTimeout(limitMs, () => socket.destroy(timedOut()))
    socket.once('secureConnect', () => {
      resolve(read(socket))
      socket.destroy()
    })
    keepCertificate(socket)
    socket.once('error', reject)
    // One that hangs up in the middle is told by no error.
    socket.once('close', () => reject(Object.assign(new Error('closed early'), { code: 'ECONNRESET' })))
  })
}

function readSeen(socket: TLSSocket): Seen {
  const shown = readShown(socket.getPeerCertificate(true))
  // Only where nobody asks for one does a server show none.
  if (shown === undefined) throw new TypeError('the server has shown no certificate')
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName ?? socket.getCipher().name,
    ...shown,
  }
}

/** Makers of such proxies, by whom certificates name as who has signed them. */
const INSPECTORS =
  /zscaler|netskope|fortinet|fortigate|palo alto|umbrella|blue ?coat|forcepoint|sophos|check ?point|menlo|mcafee|kaspersky|avast|eset ssl|cloudflare for teams|gateway ca/i

function inspectorIn({ issuer, top }: Seen): string | undefined {
  return [issuer, top].find((name) => INSPECTORS.test(name))
}
