// Behaviours: the server asks the host while it works, by requests of its own or, since 2026-07-28, in rounds
// (protocol.md D.7, E.5).
import assert from 'node:assert/strict'
import { asked, type Behaviour, includes, isEverything, repeatUntil, said } from './behaviour.ts'
import { ROOT } from './host.ts'
import { ASKING_RESOURCE } from './offer.ts'

const PAGE = 'https://example.com/x?a=1'

export const ASKING: readonly Behaviour[] = [
  {
    name: 'elicitation: form',
    async run(host, remote) {
      includes(await said(host, 'trigger-elicitation-request'), 'Ada')
      assert.match(asked(host, remote).join(), /^form Please [^,]*$/)
    },
  },
  {
    name: 'elicitation: declined',
    async run(host, remote) {
      host.notes.declining = true
      const { text } = await host.call('trigger-elicitation-request')
      assert.match(text, /decline/)
      assert.equal(asked(host, remote).length, 1)
    },
  },
  {
    name: 'elicitation: URL',
    async run(host, remote) {
      const told = await said(host, 'trigger-url-elicitation', {
        url: PAGE,
        message: 'Please open this page',
      })
      includes(told, isEverything(remote) ? 'completed' : 'accept')
      assert.deepEqual(asked(host, remote), [`page ${PAGE}`])
    },
  },
  {
    name: 'elicitation: URL demanded by an error',
    async run(host, remote) {
      const args = { url: PAGE, message: 'Please open this page', errorPath: true }
      includes(await said(host, 'trigger-url-elicitation', args), 'completed')
      assert.match(asked(host, remote).join(), /^page https:/)
    },
  },
  {
    name: 'sampling',
    async run(host, remote) {
      const told = await said(host, 'trigger-sampling-request', { prompt: 'say something', maxTokens: 9 })
      assert.match(told, /sampled from \d+ characters/)
      assert.deepEqual(asked(host, remote), ['sampling'])
    },
  },
  {
    name: 'roots',
    async run(host, remote) {
      // It asks by itself, once in a session, and waits in vain if nobody listens yet.
      if (isEverything(remote))
        await repeatUntil(host.notes.isAsked('roots'), () =>
          said(host, 'echo', { message: 'are you there?' }),
        )
      includes(await said(host, 'get-roots-list'), ROOT.uri)
      assert.ok(host.notes.asked.includes('roots'), 'the host was not asked')
      if (!isEverything(remote)) assert.equal(host.notes.asked.length, 1)
    },
  },
  {
    name: 'three questions at once',
    async run(host, remote) {
      const { who, told, roots } = JSON.parse(await said(host, 'ask-all'))
      assert.equal(who.content.name, 'Ada for one of three')
      assert.match(told.content.text, /^sampled from/)
      assert.deepEqual(roots.roots, [ROOT])
      assert.deepEqual([...host.notes.asked].sort(), ['form one of three', 'roots', 'sampling'])
      assert.ok((remote.witness?.runs('ask-all') ?? 0) > 0, 'the tool did not run')
    },
  },
  {
    name: 'two rounds',
    async run(host, remote) {
      const { first, second } = JSON.parse(await said(host, 'ask-twice', { word: 'x' }))
      assert.equal(first.who.content.name, 'Ada for first x')
      assert.equal(second.who.content.name, 'Ada for second x')
      assert.match(second.told.content.text, /^sampled from/)
      assert.deepEqual([...host.notes.asked].sort(), ['form first x', 'form second x', 'sampling'])
      // A server of before 2026-07-28 asks while it works: however often its host calls, the tool runs once.
      if (remote.legacyOnly) assert.equal(remote.witness?.runs('ask-twice'), 1)
    },
  },
  {
    name: 'parallel calls that ask',
    async run(host) {
      const words = ['a', 'b', 'c', 'd']
      const answers = await Promise.all(words.map((word) => said(host, 'ask-twice', { word })))
      for (const [index, word] of words.entries()) {
        const { first, second } = JSON.parse(answers[index] ?? '')
        assert.equal(first.who.content.name, `Ada for first ${word}`)
        assert.equal(second.who.content.name, `Ada for second ${word}`)
      }
      assert.equal(host.notes.asked.length, 3 * words.length)
    },
  },
  {
    name: 'a prompt and a resource ask',
    async run(host) {
      includes(await host.prompt('asking-prompt'), 'Ada for Who is prompted?')
      includes((await host.read(ASKING_RESOURCE)).text ?? '', 'Ada for Who reads this?')
      assert.deepEqual(host.notes.asked, ['form Who is prompted?', 'form Who reads this?'])
    },
  },
  {
    name: "asking beside the call's stream",
    async run(host) {
      includes(await said(host, 'ask-aside'), 'Ada for aside')
      assert.deepEqual(host.notes.asked, ['form aside'])
    },
  },
]
