// How the bench makes numbers and verdicts of its samples: what is worse, what is noise, which limit is met.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFailures, type Failures } from '../../../scripts/bench/rounds.mjs'
import { middle, quantile, uncertainty } from '../../../scripts/bench/statistics.mjs'
import { missed, type Row, type Samples, tabulate } from '../../../scripts/bench/verdicts.mjs'

const NAMES = ['bare', 'mcp-ferry', 'mcp-remote 0.15.1']

interface Given {
  readonly row?: object
  readonly values: Readonly<Record<string, readonly (number | undefined)[]>>
  readonly failures?: Failures
}

function tablesOf({ row = {}, values, failures = createFailures() }: Given) {
  const samples = new Map<string, Samples>(Object.entries(values).map(([name, all]) => [name, { ms: all }]))
  const rows = [{ label: 'a row', of: middle('ms'), ...row }]
  return tabulate([{ name: 'cell', title: 'Cell', rows, samples, failures }], NAMES)
}

function rowOf(given: Given): Row {
  const row = tablesOf(given)[0]?.rows[0]
  assert.ok(row !== undefined, 'there is a row')
  return row
}

const verdictsOf = (given: Given) => rowOf(given).judged.map(({ met }) => met)

test('twice the milliseconds and half the calls per second are both two times worse', () => {
  const slower = rowOf({ values: { bare: [10], 'mcp-ferry': [20] } })
  assert.deepEqual(
    slower.cells.map(({ worse }) => worse),
    [undefined, 2, undefined],
  )
  const fewer = rowOf({ row: { more: true }, values: { bare: [10], 'mcp-ferry': [5] } })
  assert.equal(fewer.cells[1]?.worse, 2)
})

test('each kind of limit is met up to its edge, and missed beyond', () => {
  const judged = (limit: object, ferry: number, more = false) =>
    verdictsOf({ row: { more, limits: [limit] }, values: { bare: [100], 'mcp-ferry': [ferry] } })[0]
  assert.deepEqual([judged({ times: 1.25 }, 125), judged({ times: 1.25 }, 126)], [true, false])
  assert.deepEqual([judged({ times: 1.25 }, 80, true), judged({ times: 1.25 }, 79, true)], [true, false])
  assert.deepEqual([judged({ above: 6 }, 106), judged({ above: 6 }, 107)], [true, false])
  assert.deepEqual([judged({ most: 2 }, 2), judged({ most: 2 }, 2.1)], [true, false])
  assert.deepEqual([judged({ below: 400 }, 399), judged({ below: 400 }, 400)], [true, false])
})

test('faster than a peer is judged by the peer, whatever its version, and not at all without it', () => {
  const row = { limits: [{ fasterThan: 'mcp-remote', times: 10 }] }
  assert.deepEqual(
    verdictsOf({ row, values: { bare: [10], 'mcp-ferry': [10], 'mcp-remote 0.15.1': [100] } }),
    [true],
  )
  assert.deepEqual(
    verdictsOf({ row, values: { bare: [10], 'mcp-ferry': [11], 'mcp-remote 0.15.1': [100] } }),
    [false],
  )
  const without = tablesOf({ row, values: { bare: [10], 'mcp-ferry': [10] } })
  assert.deepEqual(without[0]?.rows[0]?.judged[0]?.met, undefined)
  assert.deepEqual(missed(without), [])
})

test('noise is what the bare bridge differs by from itself; it is allowed where a limit says so, and not without end', () => {
  const judged = (twin: number, ferry: number, limit: object) =>
    verdictsOf({
      row: { more: true, limits: [limit] },
      values: { bare: [1000], 'bare again': [twin], 'mcp-ferry': [ferry] },
    })[0]
  assert.equal(judged(960, 965, { times: 1, noise: true }), true)
  assert.equal(judged(960, 965, { times: 1 }), false)
  assert.equal(judged(1000, 965, { times: 1, noise: true }), false)
  assert.equal(judged(500, 600, { times: 1, noise: true }), false)
})

test('what failed is told in its cell; of mcp-ferry it is a miss, of a peer it is none', () => {
  const failures = createFailures()
  failures.add('mcp-remote 0.15.1', '', Object.assign(new Error('no answer'), { text: '> 60 s' }))
  const values = { bare: [10], 'mcp-ferry': [10], 'mcp-remote 0.15.1': [5] }
  const tables = tablesOf({ values, failures })
  assert.deepEqual(tables[0]?.rows[0]?.cells[2], {
    name: 'mcp-remote 0.15.1',
    value: undefined,
    failed: '> 60 s',
    worse: undefined,
  })
  assert.deepEqual(missed(tables), [])
  failures.add('mcp-ferry', '', new Error('exited with 1'))
  assert.deepEqual(missed(tablesOf({ values, failures })), ['cell: exited with 1'])
})

test('a failure in one part of a cell leaves the others as they are', () => {
  const failures = createFailures()
  failures.add('mcp-ferry', 'far', new Error('no answer'))
  const values = { bare: [10], 'mcp-ferry': [10] }
  assert.equal(rowOf({ values, failures }).cells[1]?.value, 10)
  assert.equal(rowOf({ row: { part: 'far' }, values, failures }).cells[1]?.failed, 'failed')
})

test('a row that nobody has a number for is left out, as where there is no /proc', () => {
  assert.deepEqual(tablesOf({ values: { bare: [undefined], 'mcp-ferry': [undefined] } }), [])
})

test('quantiles lie between the values; medians of more and of closer values are surer', () => {
  assert.deepEqual([quantile([3, 1, 2], 0.5), quantile([1, 2], 0.25)], [2, 1.25])
  const far = [90, 95, 100, 105, 110]
  assert.ok(uncertainty(far) > uncertainty([...far, ...far, ...far]), 'more values are surer')
  assert.ok(uncertainty(far) > uncertainty([99, 99.5, 100, 100.5, 101]), 'closer values are surer')
  assert.equal(uncertainty([100]), 0)
})
