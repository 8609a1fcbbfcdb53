// Programs that are started by their names alone: those of PATH, and never what lies in the folder that the editor has open.
// protocol.md G.7.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from '../../../src/auth/headers/program-run.ts'
import { readEntry } from '../../../src/auth/kept/keychain.ts'
import { openBrowser } from '../../../src/auth/person/browser.ts'

const onPosix = { skip: process.platform === 'win32' && 'test/windows does it there' }

for (const [what, path] of [
  ['an entry that is a dot', '.'],
  ['an empty entry', ':/nowhere'],
  ['an empty entry at its end', '/nowhere:'],
  ['a relative entry', '../project'],
] as const)
  test(`no program of the current folder is started by ${what} of PATH`, onPosix, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'project'))
    const before = process.cwd()
    t.after(() => {
      process.chdir(before)
      rmSync(folder, { recursive: true, force: true })
    })
    const mark = join(folder, 'mark')
    for (const name of ['gcloud', 'secret-tool', 'xdg-open', 'firefox'])
      writeFileSync(join(folder, name), `#!/bin/sh\n: > '${mark}'\necho x\n`, { mode: 0o755 })
    process.chdir(folder)
    const env = { PATH: path.replace('../project', `../${folder.split('/').at(-1)}`), BROWSER: 'firefox' }
    const redact = (text: string): string => text
    const run = runProgram({ command: ['gcloud', 'token'], env, windows: false, redact })
    await assert.rejects(run.output, /gcloud was not found/)
    await assert.rejects(
      readEntry({ service: 's', account: 'a' }, { platform: 'linux', env }),
      /there is no secret-tool/,
    )
    assert.equal(await openBrowser('https://h.example/', { platform: 'linux', env }), false)
    assert.equal(existsSync(mark), false)
    const named = runProgram({ command: ['./gcloud'], env, windows: false, redact })
    assert.equal(await named.output, 'x\n', 'whoever writes its path means it')
  })
