// Behaviours: the greeting, and everything that is asked for and answered without anything happening meanwhile. Those of
// one pair share a conversation.
import assert from 'node:assert/strict'
import { type Behaviour, includes, isEverything, said } from './behaviour.ts'
import { LIST } from './offer-tools.ts'

export const READING: readonly Behaviour[] = [
  {
    name: 'greeting',
    async run(host) {
      assert.notEqual(host.serverName, '', 'the server has no name')
      assert.notEqual(host.instructions ?? '', '', 'the server has no instructions')
    },
  },
  {
    name: 'tools: list and call',
    async run(host) {
      const tools = await host.listTools()
      assert.equal(new Set(tools).size, tools.length, 'a tool is listed twice')
      assert.deepEqual(
        ['echo', 'get-sum', 'trigger-elicitation-request'].filter((name) => !tools.includes(name)),
        [],
        'tools are missing',
      )
      const message = 'é漢😀\u2028 "quoted"'
      assert.equal(await said(host, 'echo', { message }), `Echo: ${message}`)
    },
  },
  {
    name: 'structured content',
    async run(host) {
      await host.listTools()
      const { structured } = await host.call('get-structured-content', { location: 'Chicago' })
      assert.equal(typeof (structured as { temperature?: unknown }).temperature, 'number')
    },
  },
  {
    name: 'structured content that is a list',
    async run(host) {
      await host.listTools()
      const { text, structured, isError } = await host.call('get-list')
      assert.equal(isError, false, text)
      if (host.era === 'modern') assert.deepEqual(structured, LIST)
      else assert.deepEqual(JSON.parse(text), LIST, 'a legacy host is told as text what it cannot read')
    },
  },
  {
    name: 'arguments in headers',
    async run(host) {
      await host.listTools()
      for (const region of ['us-west1', 'Hello, 世界', ' padded ', ''])
        assert.deepEqual(JSON.parse(await said(host, 'in-headers', { region, count: 42 })), {
          region,
          count: 42,
        })
    },
  },
  {
    name: 'resources',
    async run(host, remote) {
      const uris = await host.listResources()
      if (!isEverything(remote)) assert.equal(uris.length, 3, 'there are two pages of resources')
      assert.ok(uris.length > 0, 'there are no resources')
      for (const uri of uris) assert.equal((await host.read(uri)).uri, uri)
      const templates = await host.listTemplates()
      assert.ok(templates.includes('demo://resource/dynamic/text/{resourceId}'), templates.join())
      includes((await host.read('demo://resource/dynamic/text/12')).text ?? '', 'Resource 12')
      const { blob } = await host.read('demo://resource/dynamic/blob/12')
      includes(Buffer.from(blob ?? '', 'base64').toString(), 'Resource 12')
    },
  },
  {
    name: 'prompts',
    async run(host) {
      const prompts = await host.listPrompts()
      for (const name of ['simple-prompt', 'args-prompt', 'completable-prompt'])
        assert.ok(prompts.includes(name), `${name} is missing`)
      includes(await host.prompt('args-prompt', { city: 'Tromsø' }), 'Tromsø')
      assert.notEqual(await host.prompt('simple-prompt'), '')
    },
  },
  {
    name: 'completion',
    async run(host) {
      const ref = { prompt: 'completable-prompt' }
      const teams = await host.complete(ref, { name: 'department', value: 'S' })
      assert.deepEqual(teams, ['Sales', 'Support'])
      const inTeam = { department: 'Engineering' }
      assert.deepEqual(await host.complete(ref, { name: 'name', value: 'A' }, inTeam), ['Alice'])
      const template = { template: 'demo://resource/dynamic/text/{resourceId}' }
      assert.deepEqual(await host.complete(template, { name: 'resourceId', value: '12' }), ['12'])
    },
  },
  {
    name: 'errors',
    async run(host) {
      const bad = await host.call('get-sum', { a: 'no number' })
      assert.equal(bad.isError, true, bad.text)
      await assert.rejects(host.prompt('no-such-prompt'), { code: -32602 })
      // Until 2026-07-28 a resource that is not there had a code of its own, which not every server uses.
      const codes = host.era === 'modern' ? [-32602] : [-32002, -32602]
      await assert.rejects(host.read('demo://nothing/there'), ({ code }: { code?: number }) => {
        assert.ok(codes.includes(code ?? 0), `the code is ${code}`)
        return true
      })
      includes(await said(host, 'echo', { message: 'still here' }), 'still here')
    },
  },
]
