// What is done where TLS has not come about: the certificates that the system trusts are read, once, and it is tried again
// with them; or it is told why. Loaded only then: most starts need none of it. protocol.md 0.6, 0.8.
import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'
import { BridgeError } from '../../errors.ts'
import { createTlsContext, trust } from '../../options/tls-context.ts'
import { isClientRefused, isUnknownSigner, type Reason, readShown, reasonOf } from './certificate.ts'
import type { TlsDial } from './dial.ts'
import { type Circumstances, describe } from './failure.ts'

/** Where Linux systems have all of it in one file. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

let known: readonly string[] | undefined

/** The PEM texts of what the system trusts, as far as this Node can read it. `files`: what is read instead. */
function systemCertificates(files?: readonly string[]): readonly string[] {
  if (files !== undefined) return readFirst(files)
  known ??= readSystem()
  return known
}

function readSystem(): readonly string[] {
  // Of Node 22.15 and 23.8.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => readonly string[] }
  try {
    const told = getCACertificates?.('system') ?? []
    if (told.length > 0) return told
  } catch {
    // A store that cannot be opened has nothing in it for us.
  }
  return readFirst(SYSTEM_FILES)
}

function readFirst(files: readonly string[]): readonly string[] {
  for (const file of files)
    try {
      const text = readFileSync(file, 'latin1')
      if (text.includes('-----BEGIN')) return [text]
    } catch {
      // Another system has it elsewhere.
    }
  return []
}

/** Those by which the system is trusted already. */
const trusting = new WeakSet<object>()

/** How to try again after this failure: the same as `dial` where that would change nothing. */
export function trustMore(
  thrown: unknown,
  dial: TlsDial | undefined,
  files?: readonly string[],
): TlsDial | undefined {
  const isDone = dial !== undefined && trusting.has(dial)
  if (isDone || !isUnknownSigner(describe(thrown).code)) return dial
  const certificates = systemCertificates(files)
  if (certificates.length === 0) return dial
  const secureContext = dial?.secureContext ?? createTlsContext({})
  trust(secureContext, certificates)
  const more = { ...dial, secureContext }
  trusting.add(more)
  return more
}

/** The failure as people are told it; undefined for what TLS has nothing to do with. */
export function tlsFailure(
  thrown: unknown,
  { host, url, wasConnected }: Circumstances,
  files?: readonly string[],
): BridgeError | undefined {
  const { code } = describeTls(thrown)
  if (wasConnected && !isClientRefused(code)) return undefined
  const { what, remedy } = tlsReason(thrown, host, files)
  const text = remedy === '' ? what : `${what}; ${remedy}`
  return new BridgeError('tls', text, { url, maybeDelivered: false, retryable: false, detail: code }, thrown)
}

/** What is told while something is written has its name in its message alone. */
function describeTls(thrown: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = describe(thrown)
  const alert = /:((?:ssl|tls)v\d+ alert [a-z ]+):/i.exec(message)?.[1]
  if (code !== 'EPROTO' || alert === undefined) return { code, message }
  return { code: `ERR_SSL_${alert.toUpperCase().replaceAll(' ', '_')}`, message }
}

/** `remedy`: empty where none is known. */
export function tlsReason(thrown: unknown, host: string, files?: readonly string[]): Reason {
  const { code, message } = describeTls(thrown)
  const { certificate, cert } = thrown as {
    readonly certificate?: tls.DetailedPeerCertificate
    readonly cert?: tls.DetailedPeerCertificate
  }
  const shown = readShown(certificate ?? cert)
  const knowsSystem = systemCertificates(files).length > 0
  const known = reasonOf({ code, host, shown, knowsSystem })
  if (known !== undefined) return known
  // OpenSSL writes its own source lines into the message: "…:SSL routines:…:wrong version number:../deps/…".
  const why = /:([a-z][a-z\d ]+):(?:\.\.\/|$)/.exec(message)?.[1] ?? message
  return { what: `the TLS connection to ${host} failed (${code}: ${why})`, remedy: hintFor(code) }
}

function hintFor(code: string): string {
  if (/UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW/.test(code))
    return 'it speaks older versions of TLS alone, which Node does not: tell who runs it'
  if (/EPROTO|WRONG_VERSION|PACKET_LENGTH|ERR_SSL/.test(code))
    return 'does that port speak https? If not, write http:// in the URL'
  return ''
}
