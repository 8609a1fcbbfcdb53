// What a person pastes at a terminal is given to the listener of the sign-in, however it was wrapped and corrected.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { createLog } from '../../../src/log.ts'
import { createPasting, type Keyboard } from '../../../src/shell/commands/account-paste.ts'
import { pressedKeys, stall } from '../../fixtures/programs/keyboard.ts'

async function terminal<Keys extends Readable = PassThrough>(
  t: TestContext,
  status = 200,
  keys: Keys = new PassThrough() as Readable as Keys,
) {
  const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
  let come: (url: string) => void = () => {}
  const visited = new Promise<string>((resolve) => {
    come = resolve
  })
  const server = createServer((request, response) => {
    come(request.url ?? '')
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const raw: boolean[] = []
  const input: Keyboard & Keys = Object.assign(keys, {
    isTTY: true,
    setRawMode: (isRaw: boolean) => raw.push(isRaw),
  })
  let tell: (line: string) => void = () => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  let cancel = (): void => {}
  const cancelled = new Promise<void>((resolve) => {
    cancel = resolve
  })
  const pasting = createPasting({ input, tell: (line) => tell(line), log, onCancel: () => cancel() })
  t.after(() => pasting.close())
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth/callback`
  pasting.open('https://as.example.com/authorize?state=s1', redirectUri)
  return { input, raw, told, visited, cancelled, pasting, log, redirectUri }
}

test('keys come as they are pressed: more than a line of a terminal, wrapped, with a correction', async (t) => {
  const { input, raw, visited, log } = await terminal(t)
  assert.deepEqual(raw, [true])
  const code = 'c'.repeat(9000)
  input.write(`http://elsewhere.example/cb?state=s1&code=${code.slice(0, 5000)}\r\n`)
  input.write(`${code.slice(5000)}xy\x7f\x7f\r`)
  assert.equal(await visited, `/oauth/callback?state=s1&code=${code}`)
  assert.equal(log.redact(code), '[redacted]')
})

test('the rest of a paste that lies ready while the machine stalls belongs to it', async (t) => {
  const { press, input } = await pressedKeys(t)
  const { visited } = await terminal(t, 200, input)
  input.resume()
  press('http://elsewhere.example/cb?state=s1&code=one-\r\n')
  await once(input, 'data')
  press('half\r')
  stall(500)
  assert.equal(await visited, '/oauth/callback?state=s1&code=one-half')
})

test('what is piped is given when the pipe ends, without a line end', async (t) => {
  const { input, visited } = await terminal(t)
  input.end('?code=c1&state=s1')
  assert.equal(await visited, '/oauth/callback?code=c1&state=s1')
})

test('the address of another sign-in is told', async (t) => {
  const { input, told } = await terminal(t, 400)
  input.write('http://127.0.0.1/cb?code=c1&state=s2\r')
  assert.match(await told, /address of another sign-in/)
})

test('an answer that has come already is told', async (t) => {
  const { input, told } = await terminal(t, 410)
  input.write('http://127.0.0.1/cb?code=c1&state=s1\r')
  assert.match(await told, /answered already/)
})

test('Ctrl-C is a key here; closing gives the terminal back', async (t) => {
  const { input, raw, cancelled, pasting } = await terminal(t)
  input.write('\x03')
  await cancelled
  pasting.close()
  assert.deepEqual(raw, [true, false])
})
