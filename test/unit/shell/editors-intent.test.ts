// Command lines of the bridge, and what becomes of them in an entry. arguments.md 3, 4, 6.
import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import { test } from 'node:test'
import { isBridgeError } from '../../../src/errors.ts'
import { readIntent } from '../../../src/shell/editors/intent.ts'
import { surroundingsIn, told, type World } from './editors-world.ts'

const URL = 'https://mcp.example.com/mcp'
const HOME = homedir()

/** Of a certificate authority that nobody has. */
const PEM = `-----BEGIN CERTIFICATE-----
MIIBcTCCARegAwIBAgIUQx61DZqhstFHz96m4ymPY2Mi/n4wCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI3MTgyOTQ2WhgPMjEyNjExMDMxODI5NDZa
MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJbVAZWLw
GAeCGU28GAI9w/XfXyVSxpp13TuaWvvCCMFE5RYNPneldBhPYXMOZKByektYK00R
KbVO8B9TKBjuGKNTMFEwHQYDVR0OBBYEFKywLa+01pmuGytUeOB/y3Qn0k4QMB8G
A1UdIwQYMBaAFKywLa+01pmuGytUeOB/y3Qn0k4QMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIgEb4U9FN9ok9YgZc8+aisQvPpPtf9ETSjyOYVToE2
gt4CIQD48D8ZUsQSJlRARpxv7k6E9DriDrGG4Efojw0VpzETJg==
-----END CERTIFICATE-----
`

interface Case extends World {
  readonly argv: readonly string[]
  readonly own?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly sets?: Readonly<Record<string, string>>
  /** Instead: the code of the refusal, and what its sentence says. */
  readonly refused?: readonly [code: string, says: RegExp]
}

const CASES: Readonly<Record<string, Case>> = {
  'a URL alone': { argv: [URL], args: [URL] },
  'a bare origin': { argv: ['https://mcp.example.com'], args: ['https://mcp.example.com'] },
  'quotes around the URL': { argv: [`"${URL}"`], args: [URL] },
  'a URL with &': {
    argv: [`${URL}?a=1&b=2`],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: `${URL}?a=1&b=2` },
  },
  'a URL with a name in %': {
    argv: [`${URL}/a%20b%20c`],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: `${URL}/a%20b%20c` },
  },
  'a URL with one %': { argv: [`${URL}/a%20b`], args: [`${URL}/a%20b`] },
  'a URL with a host in other letters': {
    argv: ['https://müller.example/mcp'],
    args: ['https://xn--mller-kva.example/mcp'],
  },
  'a key in the query': {
    argv: [`${URL}?api_key=abc`],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: `«MCP_URL=${URL}?api_key=abc»` },
  },
  'a key in the path': {
    argv: ['https://mcp.example.com/s/Zm9vYmFyMTIzNDU2/mcp'],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: '«MCP_URL=https://mcp.example.com/s/Zm9vYmFyMTIzNDU2/mcp»' },
  },
  'a user in the URL': {
    argv: ['https://u:p@mcp.example.com/mcp'],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: '«MCP_URL=https://u:p@mcp.example.com/mcp»' },
  },
  'a proxy': { argv: [URL, '--proxy', 'proxy.corp:3128'], args: [URL, '--proxy', 'proxy.corp:3128'] },
  'a proxy with its scheme': {
    argv: [URL, '--proxy', 'http://proxy.corp:3128'],
    args: [URL],
    sets: { MCP_FERRY_PROXY: 'http://proxy.corp:3128' },
  },
  'a proxy with user and password': {
    argv: [URL, '--proxy', 'http://al:pw@proxy.corp:3128'],
    args: [URL],
    sets: { MCP_FERRY_PROXY: '«MCP_FERRY_PROXY=http://al:pw@proxy.corp:3128»' },
  },
  'a proxy with user and password, without its scheme': {
    argv: [URL, '--proxy', 'al:pw@proxy.corp:3128'],
    args: [URL],
    sets: { MCP_FERRY_PROXY: '«MCP_FERRY_PROXY=al:pw@proxy.corp:3128»' },
  },
  'a proxy with a variable for its password': {
    argv: [URL, '--proxy', 'http://al:${PW}@proxy.corp:3128'],
    env: { PW: 'secret' },
    args: [URL],
    sets: { MCP_FERRY_PROXY: 'http://al:«PW!=secret»@proxy.corp:3128' },
  },
  'no proxy': { argv: [URL, '--no-proxy'], args: [URL, '--no-proxy'] },
  'a variable in the URL': {
    argv: [`${URL}?key=\${KEY}`],
    env: { KEY: 'a&b c' },
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: `${URL}?key=«KEY%=a&b c»` },
  },
  'a plain variable in the URL': {
    argv: [`${URL}/\${KEY}/x`],
    env: { KEY: 'abc' },
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: `${URL}/«KEY!%=abc»/x` },
  },
  'a variable in the URL that is not set': {
    argv: [`${URL}?key=\${KEY}&a=b`],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: `${URL}?key=«KEY%»&a=b` },
  },
  'a variable for the host': {
    argv: ['https://${HOST_NAME}:${PORT}/mcp'],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: 'https://«HOST_NAME»:«PORT»/mcp' },
  },
  'a variable with a default': {
    argv: ['https://${HOST_NAME:-h.example}/mcp'],
    args: ['https://h.example/mcp'],
  },
  'the whole URL in a variable': {
    argv: ['${MY_URL}'],
    args: ['--url-env', 'MY_URL'],
    sets: { MY_URL: '«MY_URL»' },
  },
  '--url-env that is known': {
    argv: ['--url-env', 'MY_URL'],
    env: { MY_URL: ` ${URL}?a=1&b=2\n` },
    args: ['--url-env', 'MY_URL'],
    sets: { MY_URL: `${URL}?a=1&b=2` },
  },
  '--url-env with a key': {
    argv: ['--url-env', 'MY_URL'],
    env: { MY_URL: `${URL}?token=x` },
    args: ['--url-env', 'MY_URL'],
    sets: { MY_URL: `«MY_URL!=${URL}?token=x»` },
  },
  '--url-env that is not set': {
    argv: ['--url-env=MY_URL'],
    args: ['--url-env', 'MY_URL'],
    sets: { MY_URL: '«MY_URL»' },
  },
  'the port of mcp-remote': { argv: [URL, '3334'], args: [URL, '--callback-port', '3334'] },

  'a bearer token in a variable': {
    argv: [URL, '--header', 'Authorization: Bearer ${TOKEN}'],
    env: { TOKEN: 't1' },
    args: [URL, '--bearer-env', 'TOKEN'],
    sets: { TOKEN: '«TOKEN!=t1»' },
  },
  'a bearer token in pieces': {
    argv: [URL, '--header', 'Authorization:', 'Bearer', '${TOKEN}'],
    args: [URL, '--bearer-env', 'TOKEN'],
    sets: { TOKEN: '«TOKEN»' },
  },
  'a bearer token that is empty here': {
    argv: [URL, '--header', 'Authorization: Bearer ${TOKEN}'],
    env: { TOKEN: '' },
    args: [URL, '--bearer-env', 'TOKEN'],
    sets: { TOKEN: '«TOKEN»' },
  },
  'a bearer token as it is': {
    argv: [URL, '--header', 'Authorization: Bearer t1'],
    args: [URL, '--bearer-env', 'MCP_TOKEN'],
    sets: { MCP_TOKEN: '«MCP_TOKEN=t1»' },
  },
  'the scheme in small letters': {
    argv: [URL, '--header', 'Authorization: bearer ${TOKEN}'],
    args: [URL, '--header-env', 'Authorization=MCP_AUTHORIZATION'],
    sets: { MCP_AUTHORIZATION: 'bearer «TOKEN»' },
  },
  'another scheme': {
    argv: [URL, '-H', 'Authorization: Api-Key ${KEY}'],
    env: { KEY: 'k' },
    args: [URL, '--header-env', 'Authorization=MCP_AUTHORIZATION'],
    sets: { MCP_AUTHORIZATION: 'Api-Key «KEY!=k»' },
  },
  'a key in a variable': {
    argv: [URL, '--header', 'X-Api-Key:${KEY}'],
    env: { KEY: 'k' },
    args: [URL, '--header-env', 'X-Api-Key=KEY'],
    sets: { KEY: '«KEY!=k»' },
  },
  'a key as it is, in quotes and with =': {
    argv: [URL, '--header="X-Api-Key=a b"'],
    args: [URL, '--header-env', 'X-Api-Key=MCP_X_API_KEY'],
    sets: { MCP_X_API_KEY: '«MCP_X_API_KEY=a b»' },
  },
  'two secrets in one header': {
    argv: [URL, '--header', 'Cookie: a=${A}; b=${B}'],
    env: { A: '1' },
    args: [URL, '--header-env', 'Cookie=MCP_COOKIE'],
    sets: { MCP_COOKIE: 'a=«A!=1»; b=«B»' },
  },
  'a secret in quotes, not alone': {
    argv: [URL, '--header', 'X-Token: v1-${KEY}'],
    env: { KEY: '"k"' },
    args: [URL, '--header-env', 'X-Token=MCP_X_TOKEN'],
    sets: { MCP_X_TOKEN: 'v1-«KEY=k»' },
  },
  'a name that is in use': {
    argv: [URL, '--header', 'X-A: v', '--header-env', 'X-B=MCP_X_A'],
    args: [URL, '--header-env', 'X-A=MCP_X_A_2', '--header-env', 'X-B=MCP_X_A'],
    sets: { MCP_X_A_2: '«MCP_X_A_2=v»', MCP_X_A: '«MCP_X_A»' },
  },
  'two names that become one': {
    argv: [URL, '--header', 'X-A: v', '--header', 'X.A: w'],
    args: [URL, '--header-env', 'X-A=MCP_X_A', '--header-env', 'X.A=MCP_X_A_2'],
    sets: { MCP_X_A: '«MCP_X_A=v»', MCP_X_A_2: '«MCP_X_A_2=w»' },
  },
  'a header twice': {
    argv: [URL, '--header', 'X-A: v', '--header', 'x-a: v'],
    args: [URL, '--header-env', 'X-A=MCP_X_A'],
    sets: { MCP_X_A: '«MCP_X_A=v»' },
  },
  'a header whose name no shell takes': {
    argv: [URL, '--header', 'X&A: v'],
    args: [URL],
    sets: { MCP_FERRY_HEADER_ENV: 'X&A=MCP_X_A', MCP_X_A: '«MCP_X_A=v»' },
  },
  'a header that may be missing': { argv: [URL, '--header', 'X-A: ${KEY:-}'], args: [URL] },
  'a header with a default': {
    argv: [URL, '--header', 'X-A: ${KEY:-d}'],
    args: [URL, '--header-env', 'X-A=MCP_X_A'],
    sets: { MCP_X_A: '«MCP_X_A=d»' },
  },
  'a whole header in a variable': {
    argv: [URL, '--header', '${H}'],
    env: { H: 'X-A: v' },
    args: [URL],
    sets: { MCP_FERRY_HEADER: '«H!=X-A: v»' },
  },
  'two whole headers that are not set': {
    argv: [URL, '--header', '${H}', '--header', '${I}'],
    args: [URL],
    sets: { MCP_FERRY_HEADER: '«H»\n«I»' },
  },
  'a header in the keychain': {
    argv: [URL, '--header', 'Authorization: Bearer keychain:svc/me'],
    args: [URL],
    sets: { MCP_FERRY_HEADER: 'Authorization: Bearer keychain:svc/me' },
  },
  '${ that is meant': {
    argv: [URL, '--header', 'X-A: a$${b}'],
    args: [URL, '--header-env', 'X-A=MCP_X_A'],
    sets: { MCP_X_A: '«MCP_X_A=a${b}»' },
  },
  '--header-env with a colon': {
    argv: [URL, '--header-env', 'X-A: KEY'],
    env: { KEY: 'k' },
    args: [URL, '--header-env', 'X-A=KEY'],
    sets: { KEY: '«KEY!=k»' },
  },
  'variables of an entry': {
    argv: [URL, '--header', 'Authorization:${AUTH_HEADER}'],
    own: { AUTH_HEADER: 'Bearer t' },
    args: [URL, '--header-env', 'Authorization=AUTH_HEADER'],
    sets: { AUTH_HEADER: '«AUTH_HEADER=Bearer t»' },
  },
  'a variable of an entry and of the shell': {
    argv: [URL, '--bearer-env', 'T'],
    own: { T: 'own' },
    env: { T: 'shell' },
    args: [URL, '--bearer-env', 'T'],
    sets: { T: '«T=own»' },
  },
  'what this shell says to the bridge': {
    argv: [URL],
    env: {
      MCP_FERRY_HEADER: 'X-A: v',
      MCP_FERRY_URL: 'https://other.example/',
      MCP_FERRY_LOG_LEVEL: 'debug',
    },
    args: [URL],
  },

  'flags, the last of which counts': {
    argv: ['--log-level', 'info', URL, '--log-level=debug', '--keep-alive', '--keep-alive'],
    args: [URL, '--log-level', 'debug', '--keep-alive'],
  },
  'a time with a blank': {
    argv: [URL, '--request-timeout', '30 s'],
    args: [URL, '--request-timeout', '30s'],
  },
  'flags of mcp-remote': {
    argv: [URL, '--debug', '--transport', 'http-only', '--protocol', 'auto'],
    args: [URL, '--log-level', 'debug', '--transport', 'http-only'],
  },
  scopes: {
    argv: [URL, '--scope', 'a b', '--scope', 'c'],
    args: [URL, '--scope', 'a', '--scope', 'b', '--scope', 'c'],
  },
  'a scope that is a URL': {
    argv: [URL, '--scope=https://graph.example/.default offline_access'],
    args: [URL],
    sets: { MCP_FERRY_SCOPE: 'https://graph.example/.default offline_access' },
  },
  'parameters, one of which is odd': {
    argv: [URL, '--authorize-param', 'a=b', '--authorize-param', 'c=d e'],
    args: [URL],
    sets: { MCP_FERRY_AUTHORIZE_PARAM: 'a=b\nc=d e' },
  },
  'a variable in a flag': {
    argv: [URL, '--client-id', '${ID}', '--client-secret-env', 'SECRET'],
    env: { SECRET: 's' },
    args: [URL, '--client-secret-env', 'SECRET'],
    sets: { MCP_FERRY_CLIENT_ID: '«ID»', SECRET: '«SECRET!=s»' },
  },
  'JSON with a secret': {
    argv: [URL, '--static-oauth-client-info', '{"client_id":"c","client_secret":"s"}'],
    args: [URL],
    sets: {
      MCP_FERRY_STATIC_OAUTH_CLIENT_INFO:
        '«MCP_FERRY_STATIC_OAUTH_CLIENT_INFO={"client_id":"c","client_secret":"s"}»',
    },
  },
  'JSON in a variable': {
    argv: [URL, '--static-oauth-client-info', '${INFO}'],
    args: [URL],
    sets: { MCP_FERRY_STATIC_OAUTH_CLIENT_INFO: '«INFO»' },
  },
  'JSON in a file': {
    argv: [URL, '--static-oauth-client-info', '@c.json'],
    files: { '/proj/c.json': '{"client_id":"c"}' },
    args: [URL],
    sets: { MCP_FERRY_STATIC_OAUTH_CLIENT_INFO: '@/proj/c.json' },
  },
  'a path': {
    argv: [URL, '--log-file', 'logs/x.log', '--header-file', '~/h', '--header-file', '${DIR}/h 2'],
    env: { DIR: '/d' },
    files: { [`${HOME}/h`]: 'X-A: v', '/d/h 2': 'X-B: w' },
    args: [URL, '--log-file', '/proj/logs/x.log', '--header-file', `${HOME}/h`],
    sets: { MCP_FERRY_HEADER_FILE: '/d/h 2' },
  },
  'a file that has variables in it': {
    argv: [URL, '--header-file', 'h'],
    env: { KEY: 'k', SOME: 's', OTHER: 'o' },
    files: { '/proj/h': 'X-A: ${KEY}\nX-B: ${LATER}\nX-C: ${NEVER:-c}\nX-D: ${SOME:-c}' },
    args: [URL, '--header-file', '/proj/h'],
    sets: { KEY: '«KEY!=k»', LATER: '«LATER»', SOME: '«SOME!=s»' },
  },
  'files of certificates': {
    argv: [URL, '--ca', 'corp.pem', '--ca', '~/b.pem', '--insecure', '--ipv4'],
    files: { '/proj/corp.pem': PEM, [`${HOME}/b.pem`]: PEM },
    args: [URL, '--ca', '/proj/corp.pem', '--ca', `${HOME}/b.pem`, '--insecure', '--ipv4'],
  },
  'files of certificates of which one has a blank in its name': {
    argv: [URL, '--ca', 'corp.pem', '--ca', 'b c.pem'],
    files: { '/proj/corp.pem': PEM, '/proj/b c.pem': PEM },
    args: [URL],
    sets: { MCP_FERRY_CA: '/proj/corp.pem\n/proj/b c.pem' },
  },
  'a socket': {
    argv: ['http+unix://%2Frun%2Fx.sock/mcp'],
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: 'http+unix://%2Frun%2Fx.sock/mcp' },
  },
  'a named pipe': {
    argv: ['http+unix://%5C%5C.%5Cpipe%5Cname/mcp'],
    platform: 'win32',
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: 'http+unix://%5C%5C.%5Cpipe%5Cname/mcp' },
  },
  'a socket in a variable': {
    argv: ['http+unix://${SOCK}/mcp'],
    env: { SOCK: '/run/x.sock' },
    args: ['--url-env', 'MCP_URL'],
    sets: { MCP_URL: 'http+unix://«SOCK%=/run/x.sock»/mcp' },
  },
  'a path on Windows': {
    argv: [URL, '--log-file', 'C:\\logs\\x.log'],
    platform: 'win32',
    args: [URL, '--log-file', 'C:/logs/x.log'],
  },
  commands: {
    argv: [URL, '--header-command', 'X-A=tool --for "a b"', '--header-command', 'X-B=${TOOL} ${HOME}/x'],
    env: { HOME: '/home/u', TOOL: '/opt/t' },
    args: [URL],
    sets: { MCP_FERRY_HEADER_COMMAND: 'X-A=tool --for "a b"\nX-B=${TOOL} ${HOME}/x', TOOL: '«TOOL!=/opt/t»' },
  },
  'a command for the token': {
    argv: [URL, '--bearer-command', 'gcloud auth print-identity-token', '--credential-ttl', '5m'],
    args: [URL, '--credential-ttl', '5m'],
    sets: { MCP_FERRY_BEARER_COMMAND: 'gcloud auth print-identity-token' },
  },

  'no URL': { argv: [], refused: ['url-missing', /there is no URL/] },
  'another command': { argv: ['login', URL], refused: ['unexpected-argument', /options of the bridge/] },
  'what the bridge refuses': {
    argv: [URL, '--header', 'Authorization Bearer x'],
    refused: ['header-no-separator', /no colon/],
  },
  'a flag that does not exist': { argv: [URL, '--toke', 'x'], refused: ['unknown-option', /not understood/] },
  'a placeholder': {
    argv: [URL, '--header', 'X-A: <token>'],
    refused: ['placeholder', /put the real value there/],
  },
  'a placeholder in the URL': {
    argv: ['https://h.example/<id>/mcp'],
    refused: ['placeholder', /^the URL from the command line still has/],
  },
  'a placeholder in a variable': {
    argv: [URL, '--header', 'X-A: ${K}'],
    env: { K: '<your key>' },
    refused: ['placeholder', /the variable K still has/],
  },
  'PATH as a secret': {
    argv: [URL, '--bearer-env', 'PATH'],
    env: { PATH: '/bin' },
    refused: ['unsafe-value', /a name of its own/],
  },
  'a variable of ours as a secret': {
    argv: [URL, '--header-env', 'X-A=MCP_FERRY_SCOPE'],
    refused: ['unsafe-value', /a name of its own/],
  },
  'two paths that no argument can hold': {
    argv: [URL, '--header-file', 'a b', '--header-file', 'c d'],
    files: { 'a b': 'X-A: v', 'c d': 'X-B: w' },
    refused: ['unsafe-value', /two paths for --header-file/],
  },
  'a variable in a path that is not set': {
    argv: [URL, '--log-file', '${NOWHERE}/x'],
    refused: ['env-undefined', /cannot be filled in/],
  },
  'a file that does not exist': {
    argv: [URL, '--header-file', 'x'],
    refused: ['header-file-unreadable', /does not exist/],
  },
  'a whole header that would be read again': {
    argv: [URL, '--header', '${H}'],
    env: { H: 'X-A: ${B}' },
    refused: ['unsafe-value', /read once more/],
  },
}

for (const [title, { argv, own, args, sets = {}, refused, ...world }] of Object.entries(CASES))
  test(title, async () => {
    const made = readIntent(argv, surroundingsIn(world), own)
    if (refused !== undefined) {
      await assert.rejects(made, (thrown) => {
        assert.equal(isBridgeError(thrown), true, String(thrown))
        const { facts, message } = thrown as { facts: { code?: string }; message: string } & Error
        assert.equal(facts.code, refused[0])
        assert.match(message, refused[1])
        return true
      })
      return
    }
    const intent = await made
    assert.deepEqual(
      {
        args: intent.args,
        sets: Object.fromEntries(intent.env.map((value) => [value.variable, told(value)])),
      },
      { args, sets },
    )
  })
