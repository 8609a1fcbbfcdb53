// TLS as companies have it: a private certificate authority, certificates that clients are known by, certificates that are not
// checked; and what is said where it does not fit. nginx ends TLS, or Node itself. protocol.md 0.6, 0.8.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { missing, programPath } from '../../scripts/needs.mjs'
import { nodeBinary } from '../../scripts/nodes.mjs'
import { BIN, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { startNginx } from '../fixtures/servers/nginx.ts'
import { openSslMissing } from './certificate.ts'
import { bridge, call, freePort, ownError, resultOf, serve, test } from './harness.ts'
import { type Issued, type PrivateCa, privateCa } from './private-ca.ts'
import { REMOTE, serveProxy } from './proxying.ts'

const skip = openSslMissing()
const binary = programPath('nginx')
const nginxSkip = skip || missing('nginx')
const SECONDS_FOR_RETRIES = 30_000

interface Given {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

async function works(t: TestContext, url: string, given: Given): Promise<void> {
  const host = bridge(t, { url, ...given })
  await host.initialize()
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
}

/** The sentence of the error that initialize is answered with. */
async function refusal(t: TestContext, url: string, given: Given, kind = 'tls'): Promise<string> {
  const host = bridge(t, { url, ...given })
  host.send(initializeLine('i'))
  host.endInput()
  const answer = await host.answer('i', SECONDS_FOR_RETRIES)
  const data = ownError(answer, kind)
  assert.notEqual(data.maybeDelivered, true, 'nothing has arrived')
  await host.finish({ stderr: 'some' })
  return answer.value.error?.message ?? ''
}

/** nginx with a certificate of this authority, before a server; `clientCa`: whose certificates clients need. */
async function behindNginx(t: TestContext, ca: PrivateCa, clientCa?: string): Promise<string> {
  const server = await serve(t)
  const { certFile, keyFile } = ca.issue('server')
  const port = await freePort()
  const tls = { certFile, keyFile, ...(clientCa !== undefined && { clientCa }) }
  const nginx = await startNginx({ binary: binary ?? '', port, target: server.port, tls, patienceS: 60 })
  t.after(() => nginx.close())
  return `https://127.0.0.1:${port}/mcp`
}

test(
  'a certificate authority of the company, behind nginx: refused with its name, and trusted by --ca and by the variable',
  async (t) => {
    const ca = privateCa(t)
    const url = await behindNginx(t, ca)
    assert.match(
      await refusal(t, url, {}),
      /the certificate of 127\.0\.0\.1:\d+ is issued by "Corp Root CA", which neither Node nor this system knows \([A-Z_]+\); if that is your company's, pass its file with --ca <file>/,
    )
    await works(t, url, { args: ['--ca', ca.file] })
    const other = privateCa(t, 'Another CA')
    await works(t, url, { args: ['--ca', other.file, '--ca', ca.file] })
    await works(t, url, { env: { MCP_FERRY_CA: `${other.file}\n${ca.file}` } })
    assert.match(await refusal(t, url, { args: ['--ca', other.file] }), /issued by "Corp Root CA"/)
  },
  nginxSkip,
)

test(
  '--ca adds to NODE_EXTRA_CA_CERTS, and takes several certificates from one file',
  async (t) => {
    const [one, two] = [privateCa(t, 'One'), privateCa(t, 'Two')]
    const server = await serve(t, { tls: one.issue('server') })
    await works(t, server.url, { args: ['--ca', two.file], env: { NODE_EXTRA_CA_CERTS: one.file } })
    const both = write(two, 'both.pem', `A note\n${read(two.file)}\n\n${read(one.file)}`)
    await works(t, server.url, { args: ['--ca', both] })
    const windows = write(two, 'windows.pem', read(one.file).replaceAll('\n', '\r\n'))
    await works(t, server.url, { args: ['--ca', windows] })
  },
  skip,
)

test(
  'what the system trusts needs no flag, where Node can read it',
  async (t) => {
    const ca = privateCa(t)
    const server = await serve(t, { tls: ca.issue('server') })
    const host = bridge(t, {
      url: server.url,
      command: [await nodeBinary('24.21.0'), BIN],
      // By which OpenSSL, and Node with it, finds the certificates of the system.
      env: { SSL_CERT_FILE: ca.file },
    })
    await host.initialize()
    await host.finish()
  },
  skip || (process.platform !== 'linux' && 'systems of another kind keep them elsewhere'),
)

test(
  'mTLS at nginx: with --cert and --key, with --pfx and its passphrase, and with all of it in variables',
  async (t) => {
    const ca = privateCa(t)
    const clients = privateCa(t, 'Clients')
    const url = await behindNginx(t, ca, clients.file)
    const mine = clients.issue('me')
    const trusted = ['--ca', ca.file]
    await works(t, url, { args: [...trusted, '--cert', mine.certFile, '--key', mine.keyFile] })
    await works(t, url, {
      args: [...trusted, '--cert', write(clients, 'both.pem', read(mine.certFile) + read(mine.keyFile))],
    })
    const { pfx, key } = protectedFiles(clients, mine)
    const env = { SECRET: 'open sesame' }
    await works(t, url, { args: [...trusted, '--pfx', pfx, '--passphrase-env', 'SECRET'], env })
    await works(t, url, {
      env: {
        ...env,
        MCP_FERRY_CA: ca.file,
        MCP_FERRY_CERT: mine.certFile,
        MCP_FERRY_KEY: key,
        MCP_FERRY_PASSPHRASE_ENV: 'SECRET',
      },
    })
    // nginx asks for a certificate and says by HTTP that there was none, or that it does not know it.
    const says =
      /HTTP 400 .*: it wants to know us by a certificate that it knows; pass one with --cert and --key/
    assert.match(await refusal(t, url, { args: trusted }, 'http'), says)
    const theirs = privateCa(t, 'Others').issue('other')
    const args = [...trusted, '--cert', theirs.certFile, '--key', theirs.keyFile]
    assert.match(await refusal(t, url, { args }, 'http'), says)
  },
  nginxSkip,
)

/** openssl, which ends the handshake by an alert where a certificate is wanted; Node's own server hangs up. */
async function opensslServer(t: TestContext, ca: PrivateCa, version: string): Promise<string> {
  const { certFile, keyFile } = ca.issue('server')
  const args = [
    's_server',
    '-accept',
    '0',
    '-cert',
    certFile,
    '-key',
    keyFile,
    '-CAfile',
    ca.file,
    '-www',
    version,
  ]
  const child = spawn('openssl', [...args, '-Verify', '1', '-verify_return_error'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.after(() => void child.kill('SIGKILL'))
  const port = await new Promise<string>((resolve, reject) => {
    let told = ''
    child.on('exit', () => reject(new Error(`openssl did not start: ${told}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString()
      const accepted = /^ACCEPT \S+:(\d+)\s/m.exec(told)?.[1]
      if (accepted !== undefined) resolve(accepted)
    })
  })
  return `https://127.0.0.1:${port}/mcp`
}

for (const version of ['-tls1_3', '-tls1_2'])
  test(
    `a server that ends the handshake (${version}) without a certificate of ours, and with one of somebody else`,
    async (t) => {
      const ca = privateCa(t)
      const url = await opensslServer(t, ca, version)
      const trusted = ['--ca', ca.file]
      const says =
        /wants to know us by a certificate, or does not take the one that it was shown \(ERR_SSL_\w+\); pass one that it knows with --cert and --key, or with --pfx/
      assert.match(await refusal(t, url, { args: trusted }), says)
      const theirs = privateCa(t, 'Others').issue('other')
      const args = [...trusted, '--cert', theirs.certFile, '--key', theirs.keyFile]
      assert.match(await refusal(t, url, { args }), says)
      const proxy = await serveProxy(t)
      const behind = url.replace('127.0.0.1', REMOTE)
      const given = { args: ['--insecure', ...args.slice(2)], env: { HTTPS_PROXY: proxy.url } }
      const told = await refusal(t, behind, given)
      assert.match(told, says)
      assert.match(told, /through the proxy /)
      assert.equal(proxy.connects.length, 1)
    },
    skip,
  )

test(
  '--insecure: one loud line at each start, whatever the log level, and it works',
  async (t) => {
    const server = await serve(t, { tls: privateCa(t).issue('server') })
    for (const given of [
      { args: ['--insecure'] },
      { args: ['--log-level', 'error'], env: { MCP_FERRY_INSECURE: 'true' } },
    ]) {
      const host = bridge(t, { url: server.url, ...given })
      await host.initialize()
      await host.finish({ stderr: 'some' })
      assert.match(
        host.stderr,
        /^mcp-ferry: THE CERTIFICATE OF 127\.0\.0\.1:\d+ IS NOT CHECKED, since --insecure is given: .*\n$/,
      )
    }
  },
  skip,
)

test(
  'a certificate that has ended, and one for another name: each with its remedy',
  async (t) => {
    const old = privateCa(t).issue('old', { days: -3 })
    const ended = await serve(t, { tls: old })
    assert.match(
      await refusal(t, ended.url, { args: ['--ca', old.caFile] }),
      /ended on .* \(CERT_HAS_EXPIRED\); whoever runs/,
    )
    const other = privateCa(t).issue('other', { names: 'DNS:other.example,DNS:third.example' })
    const named = await serve(t, { tls: other })
    assert.match(
      await refusal(t, named.url, { args: ['--ca', other.caFile] }),
      /is for other\.example, third\.example, not for that name .*; use one of these names in the URL/,
    )
  },
  skip,
)

test(
  'files that are not what they are said to be end the start, with their names and nothing of what is in them',
  async (t) => {
    const ca = privateCa(t)
    const mine = ca.issue('me')
    const { pfx, key } = protectedFiles(ca, mine)
    const strange = privateCa(t, 'Others').issue('other')
    ca.openssl('x509', '-in', 'ca.pem', '-outform', 'der', '-out', 'ca.der')
    const env = { SECRET: 'wrong passphrase' }
    const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['--ca', join(ca.folder, 'gone.pem')], /the certificate file .*gone\.pem.* from --ca does not exist/],
      [['--ca', write(ca, 'empty.pem', '')], /empty\.pem.* from --ca is empty/],
      [['--ca', write(ca, 'text.pem', 'hello')], /text\.pem.* has no certificate in it/],
      [['--ca', join(ca.folder, 'ca.der')], /ca\.der.* is no PEM but DER/],
      [['--ca', mine.keyFile], /me\.key.* has a private key in it/],
      [['--ca', write(ca, 'cut.pem', damaged(ca.file))], /certificate 1 in .*cut\.pem.* is damaged/],
      [['--cert', mine.certFile], /--cert is given without a key/],
      [['--key', mine.keyFile], /--key is given without a certificate/],
      [
        ['--cert', mine.certFile, '--key', strange.keyFile],
        /the key in .*other\.key.* does not belong to the certificate in .*me\.pem/,
      ],
      [['--cert', mine.keyFile, '--key', mine.keyFile], /me\.key.* from --cert has no certificate in it/],
      [['--cert', mine.certFile, '--key', mine.certFile], /me\.pem.* from --key has no private key in it/],
      [
        ['--cert', mine.certFile, '--key', key],
        /locked\.key.* is protected by a passphrase; .*--passphrase-env/,
      ],
      [
        ['--cert', mine.certFile, '--key', key, '--passphrase-env', 'SECRET'],
        /the passphrase from --passphrase-env does not open .*locked\.key/,
      ],
      [['--pfx', pfx], /me\.p12.* is protected by a passphrase/],
      [
        ['--pfx', pfx, '--passphrase-env', 'SECRET'],
        /the passphrase from --passphrase-env does not open .*me\.p12/,
      ],
      [['--pfx', ca.file], /ca\.pem from --pfx cannot be used \((?!undefined)/],
      [
        ['--pfx', pfx, '--cert', mine.certFile],
        /--pfx has certificate and key in it, and --cert is given as well/,
      ],
      [['--passphrase-env', 'SECRET'], /--passphrase-env is given, and no file that needs it/],
      [['--ipv4', '--ipv6'], /--ipv4 and --ipv6 contradict each other/],
    ]
    for (const [args, says] of cases) {
      const host = bridge(t, { url: 'https://127.0.0.1:1/mcp', args, env })
      host.endInput()
      await host.finish({ code: 2, stderr: 'some' })
      assert.match(host.stderr, says)
      assert.doesNotMatch(host.stderr, /wrong passphrase|BEGIN (?!CERTIFICATE-----)|MII/)
    }
  },
  skip,
)

function read(file: string): string {
  return readFileSync(file, 'utf8')
}

function write({ folder }: PrivateCa, name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** The certificate without a part of it. */
function damaged(file: string): string {
  const lines = read(file).split('\n')
  return [...lines.slice(0, 3), ...lines.slice(6)].join('\n')
}

/** The same key as PKCS#12 and as PEM, both locked. */
function protectedFiles(
  ca: PrivateCa,
  { certFile, keyFile }: Issued,
): { readonly pfx: string; readonly key: string } {
  const [pfx, key] = [join(ca.folder, 'me.p12'), join(ca.folder, 'locked.key')]
  const pass = 'pass:open sesame'
  ca.openssl('pkcs12', '-export', '-in', certFile, '-inkey', keyFile, '-passout', pass, '-out', pfx)
  ca.openssl('rsa', '-aes256', '-in', keyFile, '-passout', pass, '-out', key)
  return { pfx, key }
}
