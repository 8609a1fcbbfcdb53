// What is kept of what a bridge has asked, by a command that may run for months.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from '../../../src/log.ts'
import { watch } from '../../../src/shell/exchanges.ts'

test('of what was sent and told the last is kept, and no more the longer it lasts', () => {
  const { log, sent, told } = watch(
    createLog({ level: 'silent', json: false, secrets: [], write: assert.fail }),
  )
  for (let turn = 0; turn < 5000; turn++) {
    log.debug('GET stream', { status: 500 })
    log.warn(`warning ${turn}`)
  }
  log.debug('DELETE session', { status: 200 })
  assert.deepEqual(sent.at(-1), { method: 'DELETE', what: 'session', status: 200 })
  assert.equal(told.at(-1), 'warning 4999')
  assert.ok(sent.length <= 1000 && told.length <= 1000, `${sent.length} and ${told.length}`)
})
