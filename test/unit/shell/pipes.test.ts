// A host in memory: what it keeps of the bridge stays what it was, though the bridge writes into the same memory again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWriter } from '../../../src/host/writer.ts'
import { createFlow } from '../../../src/lane.ts'
import type { Envelope } from '../../../src/message/envelope.ts'
import { own } from '../../../src/message/message.ts'
import { joinBridge } from '../../../src/shell/pipes.ts'

/** So long that a page is made for it, and so short that it is not written as it is. */
const MESSAGES = ['one', 'two'].map((word) => `{"jsonrpc":"2.0","id":1,"result":"${word.repeat(2000)}"}`)

for (const isPaused of [false, true])
  test(`messages that are kept stay what they were${isPaused ? ', though nothing is read for a while' : ''}`, async () => {
    const kept: Envelope[] = []
    let begin: () => void = () => {}
    let hasWritten: () => void = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const written = new Promise<void>((resolve) => {
      hasWritten = resolve
    })
    const side = joinBridge(
      async (input, output) => {
        const writer = createWriter(output, createFlow())
        await begun
        for (const text of MESSAGES) {
          writer.write(own(text))
          await writer.flush()
        }
        hasWritten()
        for await (const _ of input);
        return 0
      },
      { take: (envelope) => void kept.push(envelope), onEnd() {} },
    )
    if (isPaused) side.pause()
    begin()
    await written
    side.resume()
    await side.close()
    while (kept.length < MESSAGES.length) await new Promise((resolve) => setImmediate(resolve))
    for (const [at, text] of MESSAGES.entries())
      assert.ok(Buffer.from(kept[at]!.bytes).toString() === text, `message ${at} is another one`)
  })
