// A trace file, whatever has become of it: it is read, and shown so that a terminal obeys nothing in it.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { isBridgeError } from '../../../../src/errors.ts'
import { readTraceFile } from '../../../../src/shell/traces/reading.ts'
import { sequenceOf } from '../../../../src/shell/traces/sequence.ts'
import { viewOf } from '../../../../src/shell/traces/sequence-view.ts'
import { bytesOf, type Target } from '../target.ts'
import { makeMessage } from './messages.ts'
import { refusalOfAsync } from './sentences.ts'

const MOMENT = '"at":"2026-01-01T00:00:00.000Z","ms":1,"run":"r"'
const LINES = [
  `{"kind":"start",${MOMENT},"trace":1,"version":"1","pid":1,"url":"https://h.example/mcp","hasQuery":false}`,
  `{"kind":"message","side":"host","dir":"toRemote",${MOMENT},"message":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}}`,
  `{"kind":"request","side":"remote","dir":"toRemote",${MOMENT},"exchange":1,"method":"POST","url":"https://h.example/mcp","headers":{"a":"b"},"message":{"jsonrpc":"2.0","id":1,"method":"tools/call"}}`,
  `{"kind":"response","side":"remote","dir":"toHost",${MOMENT},"exchange":1,"status":200,"headers":{"mcp-session-id":"s"}}`,
  `{"kind":"message","side":"remote","dir":"toHost",${MOMENT},"exchange":1,"event":"message","message":{"jsonrpc":"2.0","id":1,"result":{}}}`,
  `{"kind":"message","side":"host","dir":"toHost",${MOMENT},"text":"{\\"jsonrpc\\"","cut":99,"rpc":{"kind":"response","id":"1"}}`,
  `{"kind":"message","side":"host","dir":"toHost",${MOMENT},"message":{"jsonrpc":"2.0","method":"notifications/progress","params":{}}}`,
  `{"kind":"end",${MOMENT},"exchange":1,"durationMs":3,"bytes":7,"error":{"kind":"timeout","message":"no"}}`,
  `{"kind":"lost",${MOMENT},"records":4}`,
]

export const TRACES: Target = {
  name: 'traces',
  few: 150,
  seeds: [LINES.join('\n'), LINES.slice(1, 5).join('\r\n')],
  tokens: [
    '{',
    '}',
    '"',
    ':',
    ',',
    '\n',
    '"kind":',
    '"rpc":',
    '"id":',
    '"headers":null',
    '"error":null',
    '"url":1',
    '"ms":-1',
    '1e400',
    '[]',
    'null',
    '"\\u001b[2J"',
    '"__proto__":{}',
  ],
  make: (chance) =>
    Array.from({ length: chance.number(8) }, () => {
      const line = chance.pick(LINES)
      return chance.percent(40)
        ? line.replace(
            /"message":\{.*\}\}$/,
            () => `"message":${makeMessage(chance).replaceAll(/[\r\n]/g, ' ')}}`,
          )
        : line
    }).join('\n'),
  async check(text) {
    const stdin = Readable.from([Buffer.from(bytesOf(text))])
    const trace = await refusalOfAsync('usage', () => readTraceFile('-', stdin))
    if (isBridgeError(trace)) return
    for (const run of trace.runs) {
      const sequence = sequenceOf(run)
      for (const line of viewOf(sequence, false))
        assert.match(line, /^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$/, 'a terminal would obey it')
      JSON.stringify(sequence)
    }
  },
}
