// What moves is waited for; what does not move any more is told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unlessStill } from '../../../scripts/soak/standstill.ts'

test('where nothing moves, it is told what it stood at', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const still = unlessStill(
    () => new Promise(() => {}),
    () => 'in hour 8',
    1000,
  )
  t.mock.timers.tick(1000)
  await assert.rejects(still, /^Error: nothing has moved in 1 s: in hour 8$/)
})

test('what moves may take as long as it likes, and what it comes to is handed on', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const work = async (moves: () => void): Promise<string> => {
    for (let count = 0; count < 3; count++) {
      t.mock.timers.tick(900)
      await new Promise((resolve) => setImmediate(resolve))
      moves()
    }
    return 'done'
  }
  assert.equal(await unlessStill(work, () => '', 1000), 'done')
})
