// A command line that cannot be used, where the machine is busy: a request that lies ready is answered with what is wrong.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { usage } from '../../src/errors.ts'
import { refuseToStart } from '../../src/refusing.ts'
import { pressedKeys, stall } from '../fixtures/programs/keyboard.ts'

test('a request that lies ready is answered though the machine stalls until the time to wait is over', async (t) => {
  const { press, input } = await pressedKeys(t)
  press('{"jsonrpc":"2.0","id":1,"method":"initialize"}\n')
  const { setTimeout: start } = globalThis
  t.mock.method(globalThis, 'setTimeout', ((callback: () => void) => start(callback, 1)) as typeof start)
  const output = new PassThrough()
  const program = { argv: ['node', 'mcp-ferry'], stdin: input, stdout: output, stderr: {}, platform: 'linux' }
  // The waiting begins behind what is told.
  const tell = () => {
    input.resume()
    process.nextTick(stall, 50)
  }
  assert.equal(await refuseToStart(usage('flag-unknown', 'there is no --x'), program, tell), 2)
  assert.match(String(output.read()), /"id":1,"error":\{.*there is no --x/)
})
