import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Call } from '../../../src/shell/commands/config-call.ts'
import { searchEntries } from '../../../src/shell/commands/config-entries.ts'
import { findEditor } from '../../../src/shell/editors/editors.ts'

test('the file of Claude Code is read once, however many projects it has: it grows to megabytes', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'entries-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const server = { command: 'npx', args: ['mcp-ferry', 'https://h.example/mcp'] }
  const projects = Array.from({ length: 40 }, (_, id) => [`/p${id}`, { mcpServers: { [`s${id}`]: server } }])
  const text = JSON.stringify({ mcpServers: { own: server }, projects: Object.fromEntries(projects) })
  const file = join(folder, '.claude.json')
  writeFileSync(file, text)
  const { mock } = t.mock.method(String.prototype, 'charCodeAt')
  const call = {
    file,
    isProject: false,
    place: { system: 'linux', home: folder, env: {}, cwd: folder, list: () => [] },
  } as unknown as Call
  const { found } = searchEntries([findEditor('claude-code')], call)
  const looks = mock.callCount()
  mock.restore()
  assert.equal(found.length, 41)
  assert.deepEqual(found[40]?.editor.path, ['projects', '/p39', 'mcpServers'])
  assert.ok(looks < 10 * text.length, `${looks} looks at ${text.length} characters`)
})
