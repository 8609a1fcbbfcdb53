// Where sign-ins lie: the same place with the package and without it, and names that every system takes.
import assert from 'node:assert/strict'
import { basename, join } from 'node:path'
import test from 'node:test'
import { accountFile } from '../../../src/auth/kept/account-file.ts'
import { credentialsFolder, quickCredentialsFolder } from '../../../src/paths.ts'

test('the folder that is found at once is the one that the package names', async () => {
  const { env, platform } = process
  assert.equal(quickCredentialsFolder(env, platform), await credentialsFolder(env))
  const given = { ...env, MCP_FERRY_CONFIG_DIR: '/x/y' }
  assert.equal(await credentialsFolder(given), '/x/y')
  assert.equal(quickCredentialsFolder(given, platform), '/x/y')
  assert.equal(
    quickCredentialsFolder({ ...env, MCP_FERRY_CONFIG_DIR: '' }, platform),
    await credentialsFolder(env),
  )
  assert.equal(quickCredentialsFolder({}, platform), undefined)
})

test('each platform has its own place', () => {
  const of = (platform: string, env: Record<string, string>) => quickCredentialsFolder(env, platform)
  assert.equal(of('linux', { HOME: '/h' }), join('/h', '.local', 'share', 'mcp-ferry'))
  assert.equal(of('linux', { HOME: '/h', XDG_DATA_HOME: '/d' }), join('/d', 'mcp-ferry'))
  assert.equal(of('darwin', { HOME: '/h' }), join('/h', 'Library', 'Application Support', 'mcp-ferry'))
  assert.equal(of('win32', { USERPROFILE: 'C:\\u' }), join('C:\\u', 'AppData', 'Local', 'mcp-ferry', 'Data'))
})

test('what the variables of the system say counts only if it is a place, and not a name for the folder that is open', () => {
  const of = (platform: string, env: Record<string, string>) => quickCredentialsFolder(env, platform)
  for (const home of ['', '.', '${HOME}', 'home/me', '~'])
    assert.equal(of('linux', { HOME: home }), undefined)
  assert.equal(of('win32', { USERPROFILE: '%USERPROFILE%' }), undefined)
  const home = join('/h', '.local', 'share', 'mcp-ferry')
  assert.equal(of('linux', { HOME: '/h', XDG_DATA_HOME: './d' }), home)
  const [USERPROFILE, LOCALAPPDATA] = ['C:\\u', '${LOCALAPPDATA}']
  assert.equal(of('win32', { USERPROFILE, LOCALAPPDATA }), of('win32', { USERPROFILE }))
})

test('a name tells the host, and nothing that may be secret', () => {
  const file = accountFile('/f', new URL('https://mcp.example.com:8443/v1/mcp?key=s3cr3t#part'), 'work')
  assert.match(file, /^[\\/]f[\\/]accounts[\\/]mcp-example-com-8443-work-[0-9a-f]{8}\.json$/)
})

test('a name is legal everywhere', () => {
  for (const [url, profile] of [
    ['https://con.example/', ''],
    ['http://[::1]:3000/mcp', 'a:b\\c/../d*?"<>|'],
    [`https://${'long.'.repeat(40)}example/`, 'p'.repeat(300)],
    ['https://h.example/', 'größer 日本'],
  ] as const) {
    const name = basename(accountFile('/f', new URL(url), profile))
    assert.match(name, /^[\w-]{1,90}\.json$/, url)
    assert.doesNotMatch(name, /^(con|prn|aux|nul|com\d|lpt\d)\./i)
  }
})

test('what differs has a file of its own, and so has the fragment, which tells sockets apart', () => {
  const urls = [
    'https://h.example/a',
    'https://h.example/a#x',
    'https://h.example/b',
    'https://h.example/a?x=1',
    'http://h.example/a',
  ]
  const files = urls.flatMap((url) =>
    ['', 'work', 'Work', 'wo rk'].map((p) => accountFile('/f', new URL(url), p)),
  )
  assert.equal(new Set(files.map((file) => file.toLowerCase())).size, files.length)
})
