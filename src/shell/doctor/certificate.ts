// The step of TLS: what is spoken, who has signed for the server, until when; and where the bridge would refuse it, why and
// what helps. Nothing is sent but the handshake. protocol.md 0.6, 0.8, A.10.

import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { type Address, codeOf, failureText, type Target, timedOut } from './connection.ts'
import { type Finding, skipped } from './step.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** A certificate that ends so soon has most likely been forgotten. */
const FEW_DAYS = 14

export interface TlsQuestion {
  readonly target: Target
  readonly reached: Address
  /** Whether NODE_EXTRA_CA_CERTS is set. */
  readonly hasExtra: boolean
  readonly nowMs: number
}

interface Shown {
  readonly authorized: boolean
  readonly protocol: string | null
  readonly cipher: string
  readonly subject: string
  readonly names: string
  readonly issuer: string
  /** Who stands at the end of what the server shows. */
  readonly top: string
  readonly validFrom: string
  readonly validTo: string
}

export async function lookAtTls(question: TlsQuestion): Promise<Finding> {
  const { target } = question
  if (target.url.protocol !== 'https:') return skipped('the URL begins with http://, nothing is encrypted')
  let shown: Shown
  try {
    // To see what is shown, whatever it is; nothing is sent.
    shown = await shake(question, { rejectUnauthorized: false }, readShown)
  } catch (thrown) {
    return { state: 'fail', sees: failureText(thrown, target), facts: { code: codeOf(thrown) } }
  }
  const refusal = await shake(question, {}, () => undefined).catch((thrown: unknown) => ({ thrown }))
  const days = Math.floor((Date.parse(shown.validTo) - question.nowMs) / DAY_MS)
  const facts = { ...shown, daysLeft: days, ...(refusal !== undefined && { code: codeOf(refusal.thrown) }) }
  const details = [
    `${shown.cipher}; the certificate is for ${namesOf(shown)}`,
    `signed by ${shown.issuer}${shown.top === shown.issuer ? '' : `, in the end by ${shown.top}`}`,
    `valid from ${shown.validFrom} until ${shown.validTo}`,
  ]
  if (refusal !== undefined) {
    const advice = remedy(codeOf(refusal.thrown), shown, question)
    return { state: 'fail', sees: failureText(refusal.thrown, target), details, advice, facts }
  }
  const inspector = inspectorIn(shown)
  if (inspector !== undefined) details.push(`${inspector}: a proxy that inspects TLS stands in between`)
  const sees = `${shown.protocol}, certificate of ${shown.subject} by ${shown.issuer}, ${days} days left`
  if (!shown.authorized) {
    const advice = 'nobody checks who that is: remove NODE_TLS_REJECT_UNAUTHORIZED=0'
    return { state: 'warn', sees: `${sees}, not checked`, details, advice, facts }
  }
  if (days >= FEW_DAYS) return { state: 'ok', sees, details, facts }
  const advice = `the certificate ends soon; whoever runs ${target.host} has to renew it`
  return { state: 'warn', sees, details, advice, facts }
}

function shake<T>(
  { target, reached }: TlsQuestion,
  options: ConnectionOptions,
  read: (socket: TLSSocket) => T,
): Promise<T> {
  const { host, port, limitMs } = target
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: reached.address,
      port,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...options,
    })
    socket.setTimeout(limitMs, () => socket.destroy(timedOut()))
    socket.once('secureConnect', () => {
      resolve(read(socket))
      socket.destroy()
    })
    socket.once('error', reject)
    // One that hangs up in the middle is told by no error.
    socket.once('close', () => reject(Object.assign(new Error('closed early'), { code: 'ECONNRESET' })))
  })
}

function readShown(socket: TLSSocket): Shown {
  const certificate = socket.getPeerCertificate(true)
  return {
    authorized: socket.authorized,
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName ?? socket.getCipher().name,
    subject: nameOf(certificate.subject),
    names: (certificate.subjectaltname ?? '').replaceAll('DNS:', '').replaceAll('IP Address:', ''),
    issuer: nameOf(certificate.issuer),
    top: nameOf(topOf(certificate).issuer),
    validFrom: certificate.valid_from,
    validTo: certificate.valid_to,
  }
}

function topOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  const seen = new Set<string>()
  let top = certificate
  while (top.issuerCertificate !== undefined && !seen.has(top.fingerprint256)) {
    seen.add(top.fingerprint256)
    top = top.issuerCertificate
  }
  return top
}

const NAMES_SHOWN = 5

/** Some certificates are for hundreds. */
function namesOf({ names, subject }: Pick<Shown, 'names' | 'subject'>): string {
  const all = names.split(', ')
  const more = all.length - NAMES_SHOWN
  if (more <= 0) return names || subject
  return `${all.slice(0, NAMES_SHOWN).join(', ')} and ${more} more`
}

/** `example.com`, or `R3 (Let's Encrypt)`. */
function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const { CN, O } = (name ?? {}) as { readonly CN?: unknown; readonly O?: unknown }
  const texts = [CN, O]
    .map((each) => (Array.isArray(each) ? each.join(', ') : each))
    .filter((each) => typeof each === 'string')
  return texts.length === 2 ? `${texts[0]} (${texts[1]})` : (texts[0] ?? 'somebody without a name')
}

/** Makers of such proxies, by whom certificates name as who has signed them. */
const INSPECTORS =
  /zscaler|netskope|fortinet|fortigate|palo alto|umbrella|blue ?coat|forcepoint|sophos|check ?point|menlo|mcafee|kaspersky|avast|eset ssl|cloudflare for teams|gateway ca/i

function inspectorIn({ issuer, top }: Shown): string | undefined {
  return [issuer, top].find((name) => INSPECTORS.test(name))
}

/** What helps against a certificate that Node refuses. */
export function remedy(
  code: string,
  shown: Pick<Shown, 'issuer' | 'top' | 'names' | 'subject' | 'validTo' | 'validFrom'>,
  { target, hasExtra }: Pick<TlsQuestion, 'target' | 'hasExtra'>,
): string {
  const { host } = target
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `it ended on ${shown.validTo}; whoever runs ${host} has to renew it, unless the clock of this machine is wrong`
    case 'CERT_NOT_YET_VALID':
      return `it begins on ${shown.validFrom}; look at the clock of this machine`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate is for ${namesOf(shown)}; use one of these names in the URL, if that is the server you mean`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `the server has signed for itself; if that is meant, put its certificate into a file and the path of that file into NODE_EXTRA_CA_CERTS in "env"`
    default: {
      const who = `${shown.top} has signed it, whom Node does not know`
      const inspects = `a proxy that inspects TLS, as companies have`
      if (hasExtra) return `${who}; NODE_EXTRA_CA_CERTS is set, but that one is not among its certificates`
      return `${who}; if that is ${inspects}, or your own CA, put its certificate (PEM) into a file and the path into NODE_EXTRA_CA_CERTS in "env"`
    }
  }
}
