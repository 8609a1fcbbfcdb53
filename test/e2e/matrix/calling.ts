// Behaviours: what happens while a tool works, several of them at once, and calls that need a fresh bridge.
import assert from 'node:assert/strict'
import { type Behaviour, includes, isEverything, said } from './behaviour.ts'
import type { MatrixHost } from './host.ts'

const BELOW = 'a message below the level was told'

/** Runs until it is cancelled. */
async function cancelRunning(host: MatrixHost): Promise<void> {
  const controller = new AbortController()
  const running = host.call(
    'trigger-long-running-operation',
    { duration: 60, steps: 600 },
    { signal: controller.signal, onProgress: () => controller.abort('enough') },
  )
  await assert.rejects(running)
}

/** server-everything logs, at level info, that a resource was subscribed to. */
async function logSubscribing(host: MatrixHost): Promise<void> {
  await host.logFrom('debug')
  const [uri = ''] = await host.listResources()
  await host.watch({ uris: [uri] })
  await host.notes.hearsLike((told) => told.startsWith('info ') && told.includes(uri))
}

export const CALLING: readonly Behaviour[] = [
  {
    name: 'arguments in headers, the tool never listed',
    async run(host) {
      const args = { region: 'us-west1', count: 42 }
      assert.deepEqual(JSON.parse(await said(host, 'in-headers', args)), args)
    },
  },
  {
    name: 'logging',
    async run(host, remote) {
      if (isEverything(remote)) return logSubscribing(host)
      await host.logFrom('warning')
      await said(host, 'log')
      await host.notes.hears('warning shouted')
    },
  },
  {
    name: 'logging: the level is obeyed',
    async run(host, remote) {
      if (isEverything(remote)) {
        await logSubscribing(host)
        await host.logFrom('warning')
        const [, uri = ''] = await host.listResources()
        await host.watch({ uris: [uri] })
        await said(host, 'toggle-subscriber-updates')
        // Updates go the way of the logs, so what was logged before one is here.
        await host.notes.hears(`updated ${uri}`)
        assert.ok(!host.notes.told.some((told) => told.startsWith('info ') && told.includes(uri)), BELOW)
        return
      }
      await host.logFrom('warning')
      await said(host, 'log')
      await host.notes.hears('warning shouted')
      assert.ok(!host.notes.told.includes('debug whispered'), BELOW)
    },
  },
  {
    name: 'progress',
    mayErr: true,
    async run(host) {
      const seen: number[] = []
      const { isError } = await host.call(
        'trigger-long-running-operation',
        { duration: 0.5, steps: 5 },
        { onProgress: (step) => seen.push(step) },
      )
      assert.equal(isError, false)
      // The last step and the answer may reach this process in one piece, and the SDK then drops the step.
      // One that asks in between makes the SDK of the modern era report that round as a step of its own.
      const rounds = Math.max(0, seen.length - 5)
      let next = 1
      for (const step of seen) if (step === next) next++
      assert.ok(next >= 5, `the steps were ${seen.join(', ')}`)
      assert.ok(rounds <= 1, `the steps were ${seen.join(', ')}`)
    },
  },
  {
    name: 'cancelling frees the host',
    mayErr: true,
    async run(host) {
      await cancelRunning(host)
      includes(await said(host, 'echo', { message: 'still here' }), 'still here')
    },
  },
  {
    name: 'cancelling stops the tool',
    mayErr: true,
    async run(host, { witness }) {
      await cancelRunning(host)
      assert.ok(witness, 'nobody can see whether the tool was stopped')
      await witness.cancelled()
    },
  },
  {
    name: 'parallel calls',
    async run(host, remote) {
      const words = Array.from({ length: 12 }, (_, index) => `word ${index}`)
      // Where it can be had: no call is answered before all of them have arrived, and the last goes first.
      const answers = words.map(async (word) =>
        isEverything(remote)
          ? said(host, 'echo', { message: word })
          : said(host, 'gather', { count: words.length, word: `Echo: ${word}` }),
      )
      assert.deepEqual(
        await Promise.all(answers),
        words.map((word) => `Echo: ${word}`),
      )
    },
  },
]
