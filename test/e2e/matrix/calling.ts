// Behaviours: what happens while a tool works, several of them at once, and calls that need a fresh bridge.
import assert from 'node:assert/strict'
import { type Behaviour, includes, isEverything, repeatUntil, said } from './behaviour.ts'
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

/** server-everything logs, at level info, that a resource was subscribed to; in vain if nobody listens yet. */
async function logSubscribing(host: MatrixHost): Promise<void> {
  await host.logFrom('debug')
  const [uri = ''] = await host.listResources()
  const isLogged = host.notes.hearsLike((told) => told.startsWith('info ') && told.includes(uri))
  await repeatUntil(isLogged, () => host.watch({ uris: [uri] }))
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
      // Steps that this process is too busy to take one by one are so few that the tool has to take its time.
      for (const duration of [0.5, 5, 20]) {
        const seen: number[] = []
        const { isError } = await host.call(
          'trigger-long-running-operation',
          { duration, steps: 5 },
          { onProgress: (step) => seen.push(step) },
        )
        assert.equal(isError, false)
        // A step that reaches this process in one piece with an answer is dropped by the SDK: it forgets the token with the
        // answer, and looks at steps a tick later. So the last one may be missing, one before a round of questions, which the
        // SDK of the modern era reports as a step of its own, a second 1, and all after it, if this process was busy so long.
        const own = seen.filter((step, at) => step !== 1 || at === 0)
        assert.deepEqual(
          own,
          [1, 2, 3, 4, 5].filter((step) => own.includes(step)),
        )
        if (own.length >= 2) return
      }
      assert.fail('hardly any step was told')
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
