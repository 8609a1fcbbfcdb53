// What the soak prints of its phases: how many units there were, and how much more was held for each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closing, countOf, type Ended } from '../../../scripts/soak/report.ts'
import type { Census } from '../../../scripts/soak/snapshot.ts'
import { LAP } from './lap.ts'

const censusOf = (bytes: number): Census => new Map([['string', { count: 1, bytes }]])

function ended(name: string, complaints: readonly string[] = []): Ended {
  const laps = [0, 1, 2].map((lap) => ({ ...LAP, objects: LAP.objects + 50 * lap }))
  const outcome = { name, unit: 'call', unitsPerLap: 100, laps, counted: [censusOf(1000), censusOf(4000)] }
  return { name, outcome: { ...outcome, seconds: 7.4 }, complaints }
}

test('a line says how many units there were and what is held for each', () => {
  const [, columns = '', line = ''] = closing([ended('calls')])
  assert.match(line, /^✔ calls +300 calls +10 +0\.5 +0 +0 +0 +0 +0 +7$/)
  assert.equal(line.length, columns.length)
})

test('what has grown, and what has come to no end, is marked and told', () => {
  const stuck = { name: 'stuck', outcome: undefined, complaints: ['stuck: nothing has moved'] }
  const lines = closing([ended('grown', ['grown: 1 object']), stuck])
  assert.match(lines[2] ?? '', /^✘ grown /)
  assert.deepEqual(lines.slice(3), ['✘ stuck', '✘ grown: 1 object', '✘ stuck: nothing has moved'])
})

test('units of one kind are counted together', () => {
  assert.equal(countOf([ended('a'), ended('b')]), '600 calls')
})
