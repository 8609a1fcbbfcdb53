// Behaviours: the host is told that something has changed (protocol.md D.6, E.7).
import assert from 'node:assert/strict'
import { type Behaviour, isEverything, repeatUntil, said } from './behaviour.ts'
import type { MatrixHost } from './host.ts'
import type { List } from './offer.ts'
import type { Remote } from './remote.ts'

/**
 * A legacy host is not told when the bridge has begun to listen for it, and what a server says outside of requests
 * before that is lost. The SDK v1 servers of the matrix wait for it.
 */
const isSureToHear = (host: MatrixHost, remote: Remote): boolean =>
  !isEverything(remote) && (host.era === 'modern' || remote.legacyOnly)

function changing(list: List, change: (host: MatrixHost, time: number) => Promise<unknown>): Behaviour {
  const count = async (host: MatrixHost) => {
    if (list === 'tools') return (await host.listTools()).length
    return (await (list === 'prompts' ? host.listPrompts() : host.listResources())).length
  }
  return {
    name: `the list of ${list} changes`,
    async run(host, remote) {
      await host.watch({ lists: [list] })
      const before = await count(host)
      await change(host, 0)
      if (!isSureToHear(host, remote)) await repeatUntil(host.notes.hears(list), (time) => change(host, time))
      await host.notes.hears(list)
      assert.ok((await count(host)) > before, `nothing was added to the ${list}`)
    },
  }
}

export const WATCHING: readonly Behaviour[] = [
  changing('tools', (host) => said(host, 'add-tool')),
  changing('prompts', (host) => said(host, 'add-prompt')),
  changing('resources', (host, time) => {
    const data = 'data:text/plain,hello'
    return said(host, 'gzip-file-as-resource', { name: `x${time}.gz`, data, outputType: 'resourceLink' })
  }),
  {
    name: 'a resource is subscribed to',
    async run(host) {
      const [uri = ''] = await host.listResources()
      await host.watch({ uris: [uri] })
      await said(host, 'toggle-subscriber-updates', { uris: [uri] })
      await host.notes.hears(`updated ${uri}`)
    },
  },
  {
    name: 'a subscription ends, another goes on',
    async run(host, remote) {
      assert.ok(!isEverything(remote), 'the tool would go on by itself')
      const [first = '', second = ''] = await host.listResources()
      const end = await host.watch({ uris: [first] })
      await host.watch({ uris: [second] })
      await said(host, 'toggle-subscriber-updates', { uris: [first, second] })
      await host.notes.hears(`updated ${first}`)
      await host.notes.hears(`updated ${second}`)
      await end()
      const before = told(host, first)
      const times = told(host, second)
      await said(host, 'toggle-subscriber-updates', { uris: [first, second] })
      await host.notes.hears(`updated ${second}`, times + 1)
      assert.equal(told(host, first), before, 'the host was told of what it no longer wants to know')
    },
  },
]

const told = ({ notes }: MatrixHost, uri: string): number =>
  notes.told.filter((what) => what === `updated ${uri}`).length
