// The files of TLS that the command line names: certificates, keys, both in one; and whether they are what they are said to
// be. What is wrong is told by the name of the file, never by what is in it. protocol.md 0.6.
import { usage } from '../errors.ts'
import type { FurtherFlag } from './flag-table.ts'
import type { TlsOptions } from './network.ts'
import { bad, type NamedFile, type Reading, readBytes } from './reading.ts'
import { createTlsContext } from './tls-context.ts'
import { lookUp, trimEnds, withoutQuotes } from './variables.ts'

const CERTIFICATES =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?(?:ENCRYPTED )?PRIVATE KEY-----/

/** Undefined if nothing is said. Throws BridgeError `usage`. */
export function readTls(reading: Reading): TlsOptions | undefined {
  const ca = pathsOf(reading, '--ca').flatMap((file) => readAuthorities(reading, file))
  const isInsecure = reading.isOn('--insecure')
  const own = readOwn(reading)
  if (ca.length === 0 && !isInsecure && own === undefined) return undefined
  return Object.freeze({
    ...(ca.length + Object.keys(own ?? {}).length > 0 && {
      ca: Object.freeze([...ca, ...readExtra(reading)]),
    }),
    ...own,
    ...(isInsecure && { isInsecure }),
  })
}

/** Those of NODE_EXTRA_CA_CERTS: Node 20 forgets them where anything is added to what it trusts. */
function readExtra({ request }: Reading): readonly string[] {
  if ('getCACertificates' in process.getBuiltinModule('node:tls')) return []
  try {
    const file = lookUp('NODE_EXTRA_CA_CERTS', request.environment) ?? ''
    const text = file === '' ? '' : new TextDecoder().decode(request.readFile(file))
    return (text.match(CERTIFICATES) ?? []).filter(isCertificate)
  } catch {
    // Node says on stderr that it cannot be read.
    return []
  }
}

function pathsOf(reading: Reading, name: FurtherFlag): NamedFile[] {
  return reading
    .lines(name)
    .map(({ text, from }) => ({ text: withoutQuotes(trimEnds(text)), from }))
    .filter(({ text }) => text !== '')
    .flatMap((each) => reading.pathAt(each, 'the certificate file') ?? [])
}

/** The PEM texts of the certificates in it. */
function readAuthorities(reading: Reading, file: NamedFile): readonly string[] {
  const text = readPem(reading, file)
  const found = text.match(CERTIFICATES) ?? []
  if (PRIVATE_KEY.test(text))
    throw bad(
      `${nameOf(file)} has a private key in it`,
      'a file of certificate authorities has certificates alone; write --key if the key is yours',
    )
  if (found.length === 0) throw bad(`${nameOf(file)} has no certificate in it`, AS_PEM)
  const broken = found.findIndex((pem) => !isCertificate(pem))
  if (broken >= 0)
    throw bad(`certificate ${broken + 1} in ${nameOf(file)} is damaged`, 'export it anew, as PEM')
  return found
}

function isCertificate(pem: string): boolean {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}

const AS_PEM =
  'write the path of a PEM file, which has -----BEGIN CERTIFICATE----- in it; openssl x509 -inform der -in <file> makes one of a .cer or .der file'

function readPem(reading: Reading, file: NamedFile): string {
  const bytes = readBytes(reading, file)
  if (bytes.length === 0) throw bad(`${nameOf(file)} is empty`, AS_PEM)
  // ASN.1, as DER has it, begins so.
  if (bytes[0] === 0x30 && bytes[1] !== undefined && bytes[1] >= 0x80)
    throw bad(`${nameOf(file)} is no PEM but DER, or PKCS#12`, AS_PEM)
  // Windows tools write UTF-16 at times.
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}

/** What the remote knows us by. */
function readOwn(reading: Reading): TlsOptions | undefined {
  const cert = reading.path('--cert', 'the certificate file')
  const key = reading.path('--key', 'the key file')
  const pfx = reading.path('--pfx', 'the PKCS#12 file')
  const variable = reading.raw('--passphrase-env')
  if (pfx !== undefined && (cert ?? key) !== undefined)
    throw bad(
      `${pfx.from} has certificate and key in it, and ${(cert ?? key)!.from} is given as well`,
      'remove one',
    )
  const first = pfx ?? cert ?? key
  if (first === undefined) {
    if (variable === undefined) return undefined
    throw bad(`${variable.from} is given, and no file that needs it`, 'write --key or --pfx, or remove it')
  }
  if (pfx === undefined && cert === undefined)
    throw bad(`${key!.from} is given without a certificate`, 'write --cert with the certificate of that key')
  const certText = cert && readPem(reading, cert)
  // Some tools write both into one file.
  const keyFile = key ?? (certText !== undefined && PRIVATE_KEY.test(certText) ? cert : undefined)
  if (pfx === undefined && keyFile === undefined)
    throw bad(`${cert!.from} is given without a key`, 'write --key with the private key of that certificate')
  const passphrase = reading.secret('--passphrase-env')
  const own: TlsOptions = {
    ...(certText !== undefined && { cert: certText }),
    ...(keyFile !== undefined && { key: readPem(reading, keyFile) }),
    ...(pfx !== undefined && { pfx: readBytes(reading, pfx) }),
    ...(passphrase !== undefined && { passphrase }),
  }
  check(own, { cert, key: keyFile, pfx, from: variable?.from })
  return own
}

interface Files {
  readonly cert: NamedFile | undefined
  readonly key: NamedFile | undefined
  readonly pfx: NamedFile | undefined
  /** What has said which variable the passphrase is in. */
  readonly from: string | undefined
}

/** Throws BridgeError `usage` with the name of the file that is wrong. */
function check(own: TlsOptions, { cert, key, pfx, from }: Files): void {
  if (cert !== undefined && !new RegExp(CERTIFICATES).test(own.cert ?? ''))
    throw bad(`${nameOf(cert)} has no certificate in it`, AS_PEM)
  if (key !== undefined && !PRIVATE_KEY.test(own.key ?? ''))
    throw bad(
      `${nameOf(key)} has no private key in it`,
      'write the path of a PEM file with PRIVATE KEY in it',
    )
  try {
    createTlsContext(own)
  } catch (thrown) {
    const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown }
    throw refused([code, message].filter(Boolean).join(' '), {
      cert,
      key: key ?? pfx!,
      from,
      isPfx: pfx !== undefined,
    })
  }
}

function refused(
  why: string,
  {
    cert,
    key,
    from,
    isPfx,
  }: { cert: NamedFile | undefined; key: NamedFile; from: string | undefined; isPfx: boolean },
): Error {
  const name = nameOf(key)
  if (/key values mismatch/i.test(why))
    return bad(
      `the key in ${name} does not belong to the certificate in ${cert?.name ?? name}`,
      'write the two that belong together',
    )
  if (
    /mac verify|bad decrypt|bad password|MISSING_PASSPHRASE|interrupted or cancelled|wrong.*pass|maybe wrong/i.test(
      why,
    )
  )
    return from === undefined
      ? bad(
          `${name} is protected by a passphrase`,
          'put it into a variable and write --passphrase-env with its name',
        )
      : bad(`the passphrase from ${from} does not open ${name}`, 'look at what the variable holds')
  if (/unsupported/i.test(why))
    return bad(
      `${name} is encrypted in a way that this Node does not read`,
      isPfx
        ? 'export it anew, with AES, as openssl pkcs12 -export does by itself'
        : 'convert it with openssl pkcs8',
    )
  return usage(
    'bad-value',
    `${name} cannot be used (${/^[A-Z_]{4,}\w*/.exec(why)?.[0] ?? why}); export it anew`,
  )
}

function nameOf({ name, from }: NamedFile): string {
  return `${name} from ${from}`
}
