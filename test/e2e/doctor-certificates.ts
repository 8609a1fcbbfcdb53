// Certificates for one test, made by openssl: of a CA of its own, for the name and the days that the test wants.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface Signed {
  readonly key: Buffer
  readonly cert: Buffer
  /** The certificate of the CA. */
  readonly caFile: string
}

const DAY_MS = 24 * 60 * 60 * 1000

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

/** `days`: how long it is valid from now on; less than none: it ended so many days ago. */
export function signed(t: TestContext, { days = 90, names = 'IP:127.0.0.1,DNS:localhost' } = {}): Signed {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-ca-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  writeFileSync(join(folder, 'ca.cnf'), CONFIG)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'serial'), '1000\n')
  writeFileSync(join(folder, 'names'), `subjectAltName=${names}\n`)
  run(
    'req',
    '-x509',
    ...key,
    '-days',
    '400',
    '-subj',
    '/CN=Example Root CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  run('req', ...key, '-subj', '/CN=the server', '-keyout', 'key.pem', '-out', 'request.pem')
  const from = ['-startdate', stamp(Date.now() - 400 * DAY_MS), '-enddate', stamp(Date.now() + days * DAY_MS)]
  const ca = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-batch', '-notext']
  run('ca', ...ca, ...from, '-extfile', 'names', '-in', 'request.pem', '-out', 'cert.pem')
  return {
    key: readFileSync(join(folder, 'key.pem')),
    cert: readFileSync(join(folder, 'cert.pem')),
    caFile: join(folder, 'ca.pem'),
  }
}

/** `20261127144400Z` */
function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace(/\D/g, '')}Z`
}
