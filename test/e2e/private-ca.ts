// A certificate authority of one test, made by openssl, and what it signs: servers, clients, with other days and other names.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface Issued {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: Buffer
  readonly key: Buffer
  /** The certificate of the authority. */
  readonly caFile: string
}

export interface Issuing {
  /** How long it is valid from now on; less than none: it ended so many days ago. */
  readonly days?: number
  readonly names?: string
}

export interface PrivateCa {
  readonly folder: string
  /** PEM. */
  readonly file: string
  readonly name: string
  /** A certificate with a key, for a server here or for a client. */
  issue(subject: string, issuing?: Issuing): Issued
  /** Runs openssl in the folder. */
  openssl(...args: string[]): void
}

const DAY_MS = 24 * 60 * 60 * 1000
/** With `openssl x509` no certificate can be made that has ended. */
const CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`

/** `name`: what the authority is called in its certificate. */
export function privateCa(t: TestContext, name = 'Corp Root CA'): PrivateCa {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-corp-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const file = join(folder, 'ca.pem')
  const key = ['-newkey', 'rsa:2048', '-nodes']
  const own = ['-x509', '-days', '400', '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', file]
  openssl('req', ...key, ...own)
  writeFileSync(join(folder, 'ca.cnf'), CONFIG)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'serial'), '1000\n')
  return {
    folder,
    name,
    file,
    openssl,
    issue(subject, { days = 90, names = 'IP:127.0.0.1,IP:::1,DNS:localhost' } = {}) {
      const [keyFile, certFile] = [join(folder, `${subject}.key`), join(folder, `${subject}.pem`)]
      writeFileSync(join(folder, 'names'), `subjectAltName=${names}\n`)
      openssl('req', ...key, '-subj', `/CN=${subject}`, '-keyout', keyFile, '-out', 'request.pem')
      const by = ['-config', 'ca.cnf', '-cert', file, '-keyfile', 'ca.key', '-batch', '-notext']
      const valid = ['-startdate', stamp(-400), '-enddate', stamp(days)]
      openssl('ca', ...by, ...valid, '-extfile', 'names', '-in', 'request.pem', '-out', certFile)
      return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile), caFile: file }
    },
  }
}

/** So many days from now: `20261127144400Z` */
function stamp(days: number): string {
  return `${new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 19).replace(/\D/g, '')}Z`
}
