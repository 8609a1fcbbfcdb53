// The command that a sentence tells a person to type: a shell takes it as it is meant, whoever has chosen the URL.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loginCommandFor } from '../../../src/auth/login-command.ts'
import { DEFAULT_SIGN_IN, type GivenClient } from '../../../src/options/sign-in.ts'

function command(url: string, more: object = {}): string {
  return loginCommandFor(new URL(url), { profile: '', ...more } as Parameters<typeof loginCommandFor>[1])
}

test('the command has the URL without its query, and the profile', () => {
  assert.equal(
    command('https://mcp.example.com/v1/mcp'),
    'npx mcp-ferry login https://mcp.example.com/v1/mcp',
  )
  assert.equal(
    command('https://user:pw@mcp.example.com:8443/a%20b/~c@d?key=x', { profile: 'work' }),
    'npx mcp-ferry login https://mcp.example.com:8443/a%20b/~c@d?… --profile work',
  )
  assert.equal(
    command('http://localhost/mcp', { network: { socketPath: '/run/mcp.sock' } }),
    'npx mcp-ferry login http+unix://%2Frun%2Fmcp.sock/mcp',
  )
})

for (const path of ['/a;touch(x)|sh&', "/it's", '/a,b', '/*/[x]'])
  test(`a URL with ${path} is in quotes`, () => {
    assert.equal(command(`https://example.com${path}`), `npx mcp-ferry login "https://example.com${path}"`)
  })

for (const path of ['/$(touch x)', '/$HOME', '/a!b', '/a%20;b'])
  test(`a URL with ${path} is not in it: quotes do not help everywhere`, () => {
    assert.equal(command(`https://example.com${path}`), 'npx mcp-ferry login URL')
  })

test('nor is a socket that a shell would obey', () => {
  const network = { socketPath: "/tmp/$(touch 'x')!" }
  assert.equal(command('http://localhost/mcp', { network }), 'npx mcp-ferry login URL')
})

test('the client that is not registered by itself goes with it, and where the browser comes back to', () => {
  const { callbackHost, callbackPath, usesIdToken } = DEFAULT_SIGN_IN
  const by = (client: GivenClient, more = {}) =>
    command('https://h.example/mcp', { callbackHost, callbackPath, usesIdToken, client, ...more }).replace(
      'npx mcp-ferry login https://h.example/mcp',
      '',
    )
  assert.equal(by({ id: 'my-client' }), ' --client-id my-client')
  assert.equal(by({ id: 'x', secret: 's3cret' }), ' --client-id x --client-secret-env VAR')
  assert.equal(by({ id: 'x', privateKey: 's3cret' }), ' --client-id x --private-key-file PATH')
  assert.equal(by({ id: 'x $(y)' }), ' --client-id ID')
  assert.equal(
    by({ id: 'x' }, { callbackHost: 'localhost', callbackPort: 3334, callbackPath: '/back' }),
    ' --client-id x --host localhost --callback-port 3334 --callback-path /back',
  )
  assert.equal(
    command('https://h.example/mcp', { usesIdToken: true }),
    'npx mcp-ferry login https://h.example/mcp --use-id-token',
  )
})
