// Every command in the docs, run as it is written, and every editor's block, started as that editor would. What is not run
// says why, in a comment above it. scripts/docs reads the pages.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import nodeTest, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Block, readPage } from '../../scripts/docs/page.ts'
import { docPaths } from '../../scripts/docs/paths.ts'
import { repositoryFiles } from '../../scripts/docs/repository-files.ts'
import { difference, type Run, runsOf } from '../../scripts/docs/runs.ts'
import type { System } from '../../src/shell/editors/editor.ts'
import { EDITORS } from '../../src/shell/editors/editors.ts'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { openSslMissing } from './certificate.ts'
import { type DocsWorld, docsWorld } from './docs-world.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
// An example's page is run beside its own servers (example.test.ts).
const paths = docPaths(repositoryFiles(root)).filter((path) => !path.startsWith('examples/'))
const skip = process.platform === 'win32' ? 'the docs have commands of a POSIX shell' : openSslMissing()
const SYSTEM: System = process.platform === 'darwin' ? 'macos' : 'linux'
const HAS_JQ = spawnSync('jq', ['--version']).status === 0
const AT_ONCE = 3

nodeTest('the commands of the docs', { skip, concurrency: AT_ONCE, timeout: 600_000 }, async (t) => {
  const world = await docsWorld(t)
  const pages = paths.map((path) => ({
    path,
    ...runsOf(readPage(path, readFileSync(join(root, path), 'utf8'))),
  }))
  const tests = pages.map(({ path, runs, configs }) =>
    t.test(path, async (page) => {
      // A command may read what the one before has written.
      for (const run of runs)
        await page.test(`line ${run.line}`, { skip: lacking(run) }, () => check(world, path, run))
      for (const block of configs) await page.test(`line ${block.line}`, () => start(world, path, block))
    }),
  )
  await Promise.all([...tests, t.test('what is wrong is found', () => planted(world))])
  for (const kind of ['runs', 'configs'] as const)
    assert.ok(
      pages.some((page) => page[kind].length > 0),
      `the docs have no ${kind}`,
    )
  assert.ok(world.tunnels > 0, 'the proxy of the docs was used')
  tell(t, pages)
})

function tell(
  t: TestContext,
  pages: readonly (ReturnType<typeof runsOf> & { readonly path: string })[],
): void {
  const skipped = pages.flatMap(({ path, skipped: blocks }) =>
    blocks.map(({ line, mark }) => `${path}:${line}, ${mark}`),
  )
  t.diagnostic(`${skipped.length} blocks are not run:\n${skipped.join('\n')}`)
}

function lacking({ script }: Run): string | false {
  return /\bjq\b/.test(script) && !HAS_JQ && 'jq is not installed'
}

async function check(world: DocsWorld, path: string, run: Run): Promise<void> {
  const { code, output } = await world.run(path, run.script, run.isBridge ? `${initializeLine('1')}\n` : '')
  const where = `${path}:${run.line}: ${run.script}`
  assert.equal(code, run.exitCode, `it ended with ${code}; ${where}\n${output}`)
  const differs = difference(run, output)
  assert.ok(differs === undefined, `${where}\n${differs}`)
  if (run.output === undefined) assert.doesNotMatch(output, /^mcp-ferry: /m, `${where}\n${output}`)
}

/** Commands and a block that are wrong, each in one way. */
async function planted(world: DocsWorld): Promise<void> {
  const url = 'https://mcp.example.com/mcp'
  const blocks: readonly (readonly [string, RegExp])[] = [
    [`sh\nnpx -y mcp-ferry tools ${url} --sink`, /it ended with 2;/],
    [`sh\nmcp-ferry tools ${url} --allow-tool ehco`, /--allow-tool ehco fits no tool/],
    [
      `console\n$ mcp-ferry call ${url} get-sum a=1 b=2\nThe sum of 1 and 2 is 4.`,
      /is 4\.\nand it prints:\n.* is 3\./,
    ],
    [`json\n{"mcpServers":{"a":{"command":"npx","args":["-y","mcp-ferry","${url}","--sink"]}}}`, /--sink/],
  ]
  for (const [text, complaint] of blocks) {
    const { runs, configs } = runsOf(readPage('planted', `# Cursor\n\`\`\`${text}\n\`\`\`\n`))
    assert.equal(runs.length + configs.length, 1, text)
    for (const run of runs) await assert.rejects(check(world, 'planted', run), complaint)
    for (const block of configs) await assert.rejects(start(world, 'planted', block), complaint)
  }
  const { output } = await world.run('planted', 'for at in {1..50}; do echo out; echo err >&2; done')
  assert.equal(output, 'out\nerr\n'.repeat(50), 'stdout and stderr come in the order of a terminal')
}

/** It lies where the editors of its heading have their config, and is started as each of them would; else as a file of any. */
async function start(world: DocsWorld, page: string, { line, language, text, under }: Block): Promise<void> {
  const named = (under.at(-1) ?? '').split(', ')
  const home = world.homeOf(page)
  const place = { system: SYSTEM, home, env: {}, cwd: world.folderOf(page), list: () => [] }
  const ways = EDITORS.filter(({ title }) => named.includes(title)).map(({ name, files }) => ({
    file: files(place)[0]!,
    words: `--editor ${name}`,
  }))
  const file = join(place.cwd, `block-${line}.${language}`)
  for (const way of ways.length > 0 ? ways : [{ file, words: `--config '${file}'` }]) {
    mkdirSync(dirname(way.file), { recursive: true })
    writeFileSync(way.file, text)
    const { code, output } = await world.run(page, `mcp-ferry doctor ${way.words}`)
    assert.equal(code, 0, `${page}:${line}, ${way.words}\n${output}`)
  }
}
