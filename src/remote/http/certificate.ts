// Why TLS with a server does not come about, and what helps: from what Node throws and what the server has shown of itself.
// For the bridge's sentences and for doctor. Pure. protocol.md 0.6, 0.8.
import type { DetailedPeerCertificate } from 'node:tls'

/** A certificate as people see it. */
export interface Shown {
  readonly subject: string
  readonly names: string
  readonly issuer: string
  /** Who stands at the end of what the server shows. */
  readonly top: string
  readonly validFrom: string
  readonly validTo: string
}

export interface Refusal {
  readonly code: string
  /** Host and port. */
  readonly host: string
  /** Undefined where the server has shown none, or it is not known. */
  readonly shown: Shown | undefined
  /** Whether what the system trusts could be read. */
  readonly knowsSystem: boolean
}

/** What has happened, and what to do. */
export interface Reason {
  readonly what: string
  readonly remedy: string
}

/** The signer is not among those that are trusted. */
export function isUnknownSigner(code: string): boolean {
  return /^(?:UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)$/.test(
    code,
  )
}

/**
 * With TLS 1.3 a server looks at the client's certificate when the client has begun to send already. It ends the connection
 * by one of these before it reads any of that.
 */
const CLIENT_REFUSED =
  /ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|NO_CERTIFICATE)|ALERT_HANDSHAKE_FAILURE/

export function isClientRefused(code: string): boolean {
  return CLIENT_REFUSED.test(code)
}

/** Undefined for what has nothing to do with certificates. */
export function reasonOf(refusal: Refusal): Reason | undefined {
  const { code, host, shown } = refusal
  const name = host.replace(/:\d+$/, '')
  if (isClientRefused(code))
    return {
      what: `${host} wants to know us by a certificate, or does not take the one that it was shown (${code})`,
      remedy: 'pass one that it knows with --cert and --key, or with --pfx',
    }
  if (shown === undefined) return undefined
  if (code === 'CERT_HAS_EXPIRED')
    return {
      what: `the certificate of ${host} ended on ${shown.validTo} (${code})`,
      remedy: `whoever runs ${name} has to renew it, unless the clock of this machine is wrong`,
    }
  if (code === 'CERT_NOT_YET_VALID')
    return {
      what: `the certificate of ${host} begins on ${shown.validFrom} (${code})`,
      remedy: 'look at the clock of this machine',
    }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      what: `the certificate of ${host} is for ${namesOf(shown)}, not for that name (${code})`,
      remedy: 'use one of these names in the URL, if that is the server you mean',
    }
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT')
    return {
      what: `${host} has signed its certificate itself, as "${shown.subject}" (${code})`,
      remedy: 'if that is meant, put that certificate into a file and pass it with --ca <file>',
    }
  return isUnknownSigner(code) ? unknownSigner(refusal, shown) : undefined
}

function unknownSigner({ code, host, knowsSystem }: Refusal, { top }: Shown): Reason {
  const who = knowsSystem
    ? 'neither Node nor this system knows'
    : "Node does not know, and this Node cannot read the system's certificates"
  return {
    what: `the certificate of ${host} is issued by "${top}", which ${who} (${code})`,
    remedy: `if that is your company's, pass its file with --ca <file>${knowsSystem ? '' : ', or use Node 22.15 or later'}`,
  }
}

const NAMES_SHOWN = 5

/** Some certificates are for hundreds. */
export function namesOf({ names, subject }: Pick<Shown, 'names' | 'subject'>): string {
  const all = names.split(', ')
  const more = all.length - NAMES_SHOWN
  if (more <= 0) return names || subject
  return `${all.slice(0, NAMES_SHOWN).join(', ')} and ${more} more`
}

/** Undefined where there is no certificate. */
export function readShown(certificate: DetailedPeerCertificate | null | undefined): Shown | undefined {
  if (!certificate || Object.keys(certificate).length === 0) return undefined
  return {
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

const LONGEST_NAME = 100

/** `example.com`, or `R3 (Let's Encrypt)`. Whoever made the certificate has chosen the characters. */
function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const { CN, O } = (name ?? {}) as { readonly CN?: unknown; readonly O?: unknown }
  const texts = [CN, O]
    .map((each) => (Array.isArray(each) ? each.join(', ') : each))
    .filter((each): each is string => typeof each === 'string')
    .map((each) => each.replace(/[\p{C}"]+/gu, ' ').slice(0, LONGEST_NAME))
  return texts.length === 2 ? `${texts[0]} (${texts[1]})` : (texts[0] ?? 'somebody without a name')
}
