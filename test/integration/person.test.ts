// The person at the keyboard, where the machine is busy: what was typed before a question stood there is no answer to it.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createDesk } from '../../src/shell/calling/person.ts'
import { pressedKeys, stall } from '../fixtures/programs/keyboard.ts'

test('keys that were pressed before the question consent to nothing, also where the machine stalls', async (t) => {
  const { press, input } = await pressedKeys(t)
  press('\r\ry\r\r')
  const output = new PassThrough().setEncoding('utf8')
  const asked = new Promise<void>((resolve) => {
    output.on('data', (text: string) => {
      if (text.includes('[Y/n]')) resolve()
    })
  })
  const desk = createDesk({ input, output, onInterrupt: () => {}, onTalk: () => {} })
  t.after(() => desk.close())
  const agreed = desk.talk((person) => person.agrees('Send it?', true))
  await new Promise<void>((resolve) => process.nextTick(resolve))
  // The keyboard is being read, and nothing has come of that yet.
  stall(200)
  await asked
  press('n\r')
  assert.equal(await agreed, false)
})
