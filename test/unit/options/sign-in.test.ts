// What is said of signing in beyond single command lines (test/fixtures/vectors/argv-own.json has those): when it is read at all,
// that it is frozen, that its secrets are known, and how a command is cut into words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FLAGS, FURTHER_NAMES } from '../../../src/options/flag-list.ts'
import { RESERVED_PARAMS } from '../../../src/options/further-flags.ts'
import { DEFAULT_SIGN_IN } from '../../../src/options/sign-in.ts'
import { open, runWhole } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'

const isText = (text: string): boolean => text !== ''

/** Whether the module that reads them would be loaded. */
function isLazy(argv: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const door = open(argv, { env })
  assert.equal(door.kind, 'bridge')
  return door.kind === 'bridge' && door.whole === undefined
}

test('nothing more is loaded unless a flag or a variable of the sign-in is given', () => {
  assert.ok(isLazy([URL_TEXT]), 'a URL alone')
  assert.ok(
    isLazy([URL_TEXT, '3334', '--log-level', 'debug', '-H', 'Authorization: Bearer x']),
    'other flags',
  )
  assert.ok(isLazy([URL_TEXT], { MCP_FERRY_LOG_LEVEL: 'debug', PROFILE: 'x' }), 'other variables')
  for (const name of ['MCP_FERRY_PROFILE', 'mcp_ferry_profile'])
    assert.ok(!isLazy([URL_TEXT], { [name]: 'x' }), name)
  const names = FLAGS.flatMap(({ name, env }) => (FURTHER_NAMES.has(name) ? [name, env ?? ''] : []))
  assert.deepEqual(new Set(names), FURTHER_NAMES)
  assert.ok(names.includes('--no-oauth') && names.includes('MCP_FERRY_IDP_TOKEN_ENDPOINT'), names.join())
})

test('without a word everything is as by default', () => {
  const door = open([URL_TEXT])
  assert.deepEqual(door.kind === 'bridge' && door.options.signIn, DEFAULT_SIGN_IN)
})

test('options with a sign-in are frozen, all the way down, and hold the rest of the options', async () => {
  const env = { S: 's3cr3t-client', T: 's3cr3t-id-token', I: 's3cr3t-idp', A: 's3cr3t-header' }
  const { options } = await runWhole({
    argv: [
      ...[URL_TEXT, '-H', 'X-A: ${A}', '--log-level', 'debug', '--authorize-param', 'prompt=login'],
      ...['--static-oauth-client-info', '{"client_id":"c"}', '--client-secret-env', 'S'],
      ...[
        '--static-oauth-client-metadata',
        '{"client_name":"n"}',
        '--idp-token-endpoint',
        'https://i.example/t',
      ],
      ...['--id-token-env', 'T', '--idp-client-id', 'i', '--idp-client-secret-env', 'I'],
    ],
    env,
  })
  assert.ok(options !== undefined)
  const { signIn } = options
  for (const part of [
    options,
    options.secrets,
    options.warnings,
    signIn,
    signIn.client,
    signIn.clientMetadata,
    signIn.authorizeParams,
    signIn.authorizeParams[0],
    signIn.identityProvider,
    signIn.identityProvider?.idToken,
  ])
    assert.ok(part !== undefined && Object.isFrozen(part), JSON.stringify(part))
  assert.equal(options.log.level, 'debug')
  assert.deepEqual(options.headers, [{ name: 'X-A', value: 's3cr3t-header' }])
  assert.deepEqual(new Set(options.secrets.filter(isText)), new Set(Object.values(env)))
})

test('what JSON and key files hold is known as a secret', async () => {
  const jwk = '{"kty":"OKP","crv":"Ed25519","d":"s3cr3t-d"}'
  const { options } = await runWhole({
    argv: [URL_TEXT, '--client-id', 'c', '--private-key-file', '/k'],
    files: { '/k': jwk },
  })
  assert.deepEqual(options?.secrets.filter(isText), [jwk, 's3cr3t-d'])
  const json = '{"client_id":"c","client_secret":"s3cr3t-json"}'
  const other = await runWhole({ argv: [URL_TEXT, '--static-oauth-client-info', json] })
  assert.deepEqual(other.options?.secrets.filter(isText), ['s3cr3t-json'])
})

test('no parameter of the authorization request itself can be set', async () => {
  assert.ok(RESERVED_PARAMS.size >= 13, String(RESERVED_PARAMS.size))
  for (const name of RESERVED_PARAMS.keys()) {
    const { error, sentences } = await runWhole({ argv: [URL_TEXT, '--authorize-param', `${name}=s3cr3t`] })
    assert.equal(error, 'bad-value', name)
    assert.ok(!sentences.join().includes('s3cr3t'), name)
  }
})
