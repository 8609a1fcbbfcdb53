// A home folder whose name has what names have, blanks, umlauts, an ampersand and letters of another script, with the
// packed package installed in it as a user's npm would. And a bridge that is started from there, with a whole session.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import { call, request, resultOf } from './harness.ts'

export const NAME = 'Jürgen Müller & Söhne 山田'
export const NOT_LINUX = process.platform !== 'linux' && 'the surroundings are those of Linux'
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url))

export interface OddHome {
  /** The folder around the home folder, which no other user can look into. */
  readonly base: string
  readonly home: string
  /** Where it is installed. */
  readonly project: string
  /** What npm has put beside the packages: a link to the launcher. */
  readonly shim: string
  readonly bin: string
}

/** Gone when the process is. */
export function makeOddHome(): OddHome {
  const base = mkdtempSync(join(tmpdir(), 'ferry-odd-'))
  process.on('exit', () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const home = join(base, NAME)
  const project = join(home, 'My tools')
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n')
  const { filename } = JSON.parse(readFileSync(join(CACHE, 'pack.json'), 'utf8'))
  const quiet = ['--silent', '--no-save', '--no-audit', '--no-fund']
  execFileSync('npm', ['install', '--offline', ...quiet, join(CACHE, filename)], { cwd: project })
  const modules = join(project, 'node_modules')
  return {
    base,
    home,
    project,
    shim: join(modules, '.bin/mcp-ferry'),
    bin: join(modules, 'mcp-ferry/bin/mcp-ferry.cjs'),
  }
}

/** The secret of each session: with a blank, and not the word of any other test. */
export const SECRET = 'Bearer odd-surroundings s3cr3t'
export const FROM_ENV = ['--header-env', 'Authorization=ODD_AUTH'] as const

/** Handshake, a list, a call and the end; that the server got the header each time, and the bridge its letters. */
export async function wholeSession(host: Host, server: McpServer): Promise<void> {
  await host.initialize()
  host.send(request('list', 'tools/list'))
  resultOf(await host.answer('list'))
  const args = { text: 'Grüße, 山田' }
  host.send(call('call', args))
  assert.deepEqual(resultOf(await host.answer('call')).structuredContent, args)
  await host.finish()
  const posts = server.with('POST')
  assert.equal(posts.length, 4, 'initialize, initialized, list and call')
  for (const asked of [...posts, ...server.with('DELETE')])
    assert.equal(asked.header('authorization'), SECRET, `${asked.method} without its header`)
  assert.equal(server.with('DELETE').length, 1, 'the session is not ended')
}

export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
}
