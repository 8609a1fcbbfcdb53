// What is told of what is hidden: once, and again only when it has changed.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { FilterOptions } from '../../../src/options/shaping.ts'
import { createCatalogue } from '../../../src/stages/catalogue.ts'
import { createFilter } from '../../../src/stages/filter.ts'
import { type Line, lineOf, notify, request, result } from './line.ts'

interface Telling extends Line {
  /** The host gets a list of these; returns what was said. */
  list(
    method: string,
    names: readonly string[],
    more?: { id?: number; cursor?: string; next?: string },
  ): string[]
}

const MEMBERS: Readonly<Record<string, readonly [string, string]>> = {
  'tools/list': ['tools', 'name'],
  'prompts/list': ['prompts', 'name'],
  'resources/list': ['resources', 'uri'],
  'resources/templates/list': ['resourceTemplates', 'uriTemplate'],
}

function telling(settings: FilterOptions): Telling {
  const line = lineOf((log) => {
    const catalogue = createCatalogue(log)
    return [createFilter(settings, catalogue, log), catalogue.stage]
  })
  return {
    ...line,
    list(method, names, { id = 1, cursor, next } = {}) {
      const [member, key] = MEMBERS[method]!
      line.fromHost(request(id, method, { cursor }))
      const elements = names.map((name) => ({
        [key]: name,
        annotations: { readOnlyHint: name.startsWith('read') },
      }))
      line.fromRemote(result(id, { [member]: elements, nextCursor: next }))
      return line.logged.splice(0)
    },
  }
}

test('a pattern that fits nothing is told when the list is whole, once, and again after it has fitted', () => {
  const { list, fromRemote } = telling({ tools: { allow: ['read*'], deny: ['wriet'] } })
  const words = '--deny-tool wriet fits no tool of the remote; did you mean write?'
  assert.deepEqual(list('tools/list', ['read'], { next: 'x' }), [])
  assert.deepEqual(list('tools/list', ['write'], { cursor: 'x' }), [words])
  assert.deepEqual(list('tools/list', ['read', 'write']), [])
  fromRemote(notify('notifications/tools/list_changed'))
  assert.deepEqual(list('tools/list', ['read', 'write', 'more']), [])
  assert.deepEqual(list('tools/list', ['read', 'wriet']), [])
  assert.deepEqual(list('tools/list', ['read', 'write']), [words])
})

test('of an empty list nothing is told: the remote may not be there yet', () => {
  const { list } = telling({ tools: { allow: ['read*'] }, isReadOnly: true })
  assert.deepEqual(list('tools/list', []), [])
})

test('what --read-only hides is counted and named, and told again only when it is something else', () => {
  const { list } = telling({ tools: { deny: ['hidden'] }, isReadOnly: true })
  const line = (count: string, names: string) => `hidden by --read-only: ${count} (${names})`
  const many = Array.from({ length: 12 }, (_, at) => `write_${at}`)
  assert.deepEqual(list('tools/list', ['read', 'write', 'hidden']), [
    line('1 tool that does not say that it only reads', 'write'),
  ])
  assert.deepEqual(list('tools/list', ['read_more', 'hidden', 'write']), [])
  assert.deepEqual(list('tools/list', ['read', 'hidden', ...many]), [
    line('12 tools that do not say that they only read', `${many.slice(0, 10).join(', ')}, …`),
  ])
  assert.deepEqual(list('tools/list', ['read', 'hidden']), [])
  assert.deepEqual(list('tools/list', ['hidden']), [
    'the only tool of the remote is hidden; change --deny-tool, --read-only to see some',
  ])
})

test('what a remote calls its tools is not obeyed by a terminal', () => {
  const { list } = telling({ isReadOnly: true })
  const [said] = list('tools/list', ['read', '\u001b[2Jx\u202e\n'])
  assert.equal(said, 'hidden by --read-only: 1 tool that does not say that it only reads (�[2Jx��)')
})

test('prompts: patterns that fit nothing, and nothing left', () => {
  const { list } = telling({ prompts: { allow: ['reviw'] } })
  assert.deepEqual(list('prompts/list', ['review', 'b']), [
    '--allow-prompt reviw fits no prompt of the remote; did you mean review?',
    'all 2 prompts of the remote are hidden; change --allow-prompt to see some',
  ])
})

test('resources: the templates that are asked for at the same time count as well', () => {
  const line = telling({ resources: { deny: ['db:*', 'x:*'] } })
  line.fromHost(request(2, 'resources/templates/list'))
  assert.deepEqual(line.list('resources/list', ['a:1']), [])
  line.fromRemote(result(2, { resourceTemplates: [{ uriTemplate: 'db:{x}' }] }))
  const words =
    '--deny-resource x:* fits no resource of the remote; compare it with: mcp-ferry resources <url>'
  assert.deepEqual(line.logged, [words])
})

test('resources: a remote without templates', () => {
  const line = telling({ resources: { deny: ['x:*'] } })
  line.fromHost(request(2, 'resources/templates/list'))
  assert.deepEqual(line.list('resources/list', ['a:1']), [])
  line.fromRemote('{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no"}}')
  assert.equal(line.logged.length, 1)
})
