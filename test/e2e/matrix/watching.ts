// Behaviours: the host is told that something has changed (protocol.md D.6, E.7).
import assert from 'node:assert/strict'
import { type Behaviour, isEverything, said } from './behaviour.ts'
import type { MatrixHost } from './host.ts'
import type { List } from './offer.ts'

function changing(list: List, tool: string, args: Readonly<Record<string, unknown>> = {}): Behaviour {
  const count = async (host: MatrixHost) => {
    if (list === 'tools') return (await host.listTools()).length
    return (await (list === 'prompts' ? host.listPrompts() : host.listResources())).length
  }
  return {
    name: `the list of ${list} changes`,
    async run(host) {
      await host.watch({ lists: [list] })
      const before = await count(host)
      await said(host, tool, args)
      await host.notes.hears(list)
      assert.equal(await count(host), before + 1)
    },
  }
}

const file = { name: 'x.gz', data: 'data:text/plain,hello', outputType: 'resourceLink' }

export const WATCHING: readonly Behaviour[] = [
  changing('tools', 'add-tool'),
  changing('prompts', 'add-prompt'),
  changing('resources', 'gzip-file-as-resource', file),
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
      await end()
      await said(host, 'toggle-subscriber-updates', { uris: [first, second] })
      await host.notes.hears(`updated ${second}`, 2)
      assert.deepEqual(
        [...host.notes.told].sort(),
        [first, second, second].map((uri) => `updated ${uri}`).sort(),
      )
    },
  },
]
