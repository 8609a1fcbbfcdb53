// A secret typed at a terminal: what the keys come to, and who is not asked. arguments.md 6.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import type { Keyboard } from '../../../src/shell/commands/account-paste.ts'
import { createPrompt } from '../../../src/shell/commands/prompt.ts'

const TOKEN = { what: 'the bearer token for mcp.example.com', variable: 'MCP_TOKEN' }

function terminal() {
  const modes: boolean[] = []
  const told: string[] = []
  const keys = new PassThrough()
  const input: Keyboard = Object.assign(keys, {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  })
  const prompt = createPrompt({ input, tell: (line) => told.push(line) })
  return { prompt, keys, told, modes }
}

const TYPED: readonly (readonly [what: string, keys: string, line: string])[] = [
  ['a line', 'abc\r', 'abc'],
  ['blanks round a paste', '  abc \n', 'abc'],
  ['letters of any language', 'pässwörd山\r', 'pässwörd山'],
  ['what was taken back', 'abx\x7fcy\b\r', 'abc'],
  ['taken back beyond the begin', '\x7f\x7fabc\r', 'abc'],
  ['a line begun anew', 'wrong\x15abc\r', 'abc'],
  ['arrow keys', 'a\x1b[Db\x1bOCc\x1b[3~\r', 'abc'],
  ['a paste that the terminal marks', '\x1b[200~abc\x1b[201~\r', 'abc'],
  ['the end of input behind it', 'abc\x04', 'abc'],
  ['nothing, then something', '\r  \rabc\r', 'abc'],
  ['a control character, then without', 'a\x01bc\rabc\r', 'abc'],
]

for (const [what, keys, line] of TYPED)
  test(what, async () => {
    const typed = terminal()
    const answer = typed.prompt.ask(TOKEN)
    for (const key of keys) typed.keys.write(key)
    assert.equal(await answer, line)
    assert.match(typed.told[0] ?? '', /the bearer token for mcp\.example\.com \(MCP_TOKEN\)/)
    assert.deepEqual(typed.modes, [true])
    typed.prompt.close()
    assert.deepEqual(typed.modes, [true, false])
    assert.ok(!typed.told.join().includes('abc'), 'what was typed is not told')
  })

test('what is typed ahead answers the next question', async () => {
  const { prompt, keys } = terminal()
  keys.write('one\r\ntwo\r')
  assert.equal(await prompt.ask(TOKEN), 'one')
  assert.equal(await prompt.ask(TOKEN), 'two')
})

test('Ctrl-C and an end of input are an end', async () => {
  for (const key of ['ab\x03', '\x04', undefined]) {
    const { prompt, keys, modes } = terminal()
    const answer = prompt.ask(TOKEN)
    if (key === undefined) keys.end()
    else keys.write(key)
    await assert.rejects(answer, { kind: 'shutdown', message: 'cancelled; nothing was changed' })
    prompt.close()
    assert.deepEqual(modes, [true, false])
  }
})

test('the terminal shows nothing more by the time it is asked', async () => {
  const keys = new PassThrough()
  const order: string[] = []
  const input: Keyboard = Object.assign(keys, { isTTY: true, setRawMode: () => order.push('raw') })
  const prompt = createPrompt({ input, tell: () => order.push('asked') })
  keys.write('abc\r')
  await prompt.ask(TOKEN)
  assert.deepEqual(order, ['raw', 'asked'])
})

test('who is no terminal is told of the variable', async () => {
  const prompt = createPrompt({ input: new PassThrough(), tell: () => {} })
  await assert.rejects(prompt.ask(TOKEN), {
    facts: { code: 'secret-missing' },
    message: /the bearer token for mcp\.example\.com is needed.*set the variable MCP_TOKEN/,
  })
})
