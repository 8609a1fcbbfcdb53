// From spawn to the first answers, as a host feels it: the host writes initialize at once and each following message
// when the answer before has come. CPU is read a moment after the last answer, so that what a bridge puts off counts.
// The far rows do the same with a server that is 50 ms away (distance.mjs), where needless round trips show.
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from '../meter.mjs'
import { interleave, withBridge } from '../rounds.mjs'
import { middle, spread } from '../statistics.mjs'

const requestsServed = (url) =>
  new Promise((resolve, reject) => {
    get(new URL('/counts', url), async (response) => {
      const [body] = await response.toArray()
      resolve(JSON.parse(body).requests)
    }).on('error', reject)
  })

// Each of them takes it so, but the bare bridge, which knows no headers and starts as before.
const HEADER = ['--header', 'X-Bench: one']

async function run(cell) {
  await interleave(cell, cell.quick ? 9 : 25, async (target) => {
    const before = await requestsServed(cell.url)
    await withBridge(target, cell.url, async (bridge) => {
      const times = await bridge.handshake()
      await sleep(50)
      cell.note(target, { ...times, cpuMs: cpuMs(bridge.pid) })
    })
    cell.note(target, { requests: (await requestsServed(cell.url)) - before })
  })
  // As if each were the first after it was installed: nothing is kept yet.
  const runFirst = (target) =>
    withBridge(
      { ...target, env: { ...target.env, NODE_DISABLE_COMPILE_CACHE: '1' } },
      cell.url,
      async (bridge) => {
        cell.note(target, { firstMs: (await bridge.handshake()).initializeMs })
      },
    )
  await interleave(cell, cell.quick ? 3 : 15, runFirst, 'first')
  const runAfar = (target) =>
    withBridge(target, cell.farUrl, async (bridge) => {
      const { initializeMs, listMs } = await bridge.handshake()
      cell.note(target, { farInitializeMs: initializeMs, farListMs: listMs })
    })
  await interleave(cell, cell.quick ? 3 : 15, runAfar, 'far')
  const runWithHeader = (target) => {
    const argsOf = (url) => [...target.argsOf(url), ...HEADER]
    return withBridge({ ...target, argsOf }, cell.url, async (bridge) => {
      cell.note(target, { headerMs: (await bridge.handshake()).initializeMs })
    })
  }
  await interleave(cell, cell.quick ? 3 : 15, runWithHeader, 'header')
}

export const start = {
  name: 'start',
  title: 'Start',
  seconds: [60, 20],
  run,
  rows: [
    {
      id: 'start',
      label: 'start → initialize answer, ms',
      of: middle('initializeMs'),
      limits: [{ times: 1.25 }, { fasterThan: 'mcp-remote', times: 10 }],
    },
    { label: 'the middle half of these starts lies within, ms', of: spread('initializeMs'), plain: true },
    { id: 'startList', label: 'start → tools/list answer, ms', of: middle('listMs') },
    { label: 'CPU of that start, ms', of: middle('cpuMs') },
    {
      id: 'far',
      part: 'far',
      label: 'server 50 ms away: → initialize answer, ms',
      of: middle('farInitializeMs'),
    },
    {
      id: 'farList',
      part: 'far',
      label: 'server 50 ms away: → tools/list answer, ms',
      of: middle('farListMs'),
    },
    {
      part: 'first',
      label: 'the first start after it was installed: → initialize answer, ms',
      of: middle('firstMs'),
    },
    {
      part: 'header',
      label: 'with a header on the command line: → initialize answer, ms',
      of: middle('headerMs'),
    },
    { label: 'HTTP requests, start to exit', of: middle('requests'), digits: 0 },
  ],
}
