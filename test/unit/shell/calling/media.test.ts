// Where the bytes of a result go, and how the file is called.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSaver } from '../../../../src/shell/calling/media.ts'

test('the ending of a file is from our table, whatever the server calls the type', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'ferry-media-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const saver = createSaver({ output: undefined, tool: '../a tool', cwd })
  for (const type of ['image/PNG; q=1', 'constructor', '__proto__', 'x/../y', ''])
    await saver.save(Buffer.from('x'), type)
  assert.deepEqual(
    readdirSync(cwd).sort(),
    ['-a-tool-1.png', '-a-tool-2.bin', '-a-tool-3.bin', '-a-tool-4.bin', '-a-tool-5.bin'].map((name) =>
      name.slice(1),
    ),
  )
})
