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
}

export interface PrivateCa {
  readonly folder: string
  /** PEM. */
  readonly file: string
  readonly name: string
  /** A certificate with a key, for a server here or for a client. */
  issue(name: string): Issued
  /** Runs openssl in the folder. */
  openssl(...args: string[]): void
}

/** `name`: what the authority is called in its certificate. */
export function privateCa(t: TestContext, name = 'Corp Root CA'): PrivateCa {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-corp-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '30',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  return {
    folder,
    name,
    file: join(folder, 'ca.pem'),
    openssl,
    issue(subject) {
      const [keyFile, certFile] = [join(folder, `${subject}.key`), join(folder, `${subject}.pem`)]
      writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost\n')
      openssl('req', ...key, '-subj', `/CN=${subject}`, '-keyout', keyFile, '-out', 'request.pem')
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '20', '-extfile', 'names']
      openssl('x509', '-req', '-in', 'request.pem', ...by, '-out', certFile)
      return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) }
    },
  }
}
