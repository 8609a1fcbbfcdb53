// The workflows of .github cannot run here: what a program can hold against the repository, it does. They test the Nodes that
// the package is for, call scripts that are there, may do no more than they must, and know no secret.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodeTest from 'node:test'
import { parse } from 'yaml'
import { SUPPORTED } from '../../scripts/nodes.mjs'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const { engines, name, scripts } = JSON.parse(read('package.json'))

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly uses?: string
  readonly needs?: string
  readonly steps?: readonly Step[]
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly concurrency: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const files = readdirSync(new URL('.github/workflows/', ROOT))
const workflows = files.map((file) => {
  const text = read(`.github/workflows/${file}`)
  return { file, text, workflow: parse(text) as Workflow }
})
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ where: `${file}, ${id}`, job })),
)
const steps = jobs.flatMap(({ where, job }) => (job.steps ?? []).map((step) => ({ where, step })))
const jobOf = (file: string, id: string): Job => {
  const found = workflows.find((each) => each.file === file)?.workflow.jobs[id]
  assert.ok(found, `${file} has the job ${id}`)
  return found
}

nodeTest('what is tested is each line of Node that the package is for, on each system', () => {
  const lines = [...new Set(SUPPORTED.map((each) => Number(each.split('.')[0])))]
  assert.equal(engines.node, `>=${SUPPORTED[0]}`)
  for (const id of ['test', 'install']) {
    const { os, node } = jobOf('test.yml', id).strategy?.matrix ?? {}
    assert.deepEqual(node, lines, id)
    assert.deepEqual(os, ['ubuntu-latest', 'macos-latest', 'windows-latest'], id)
  }
  for (const { where, step } of steps) {
    const used = step.with?.['node-version']
    if (typeof used === 'number') assert.ok(lines.includes(used), `${where}: Node ${used}`)
  }
})

nodeTest('each script that a workflow calls is there', () => {
  const commands = steps.flatMap(({ where, step }) =>
    (step.run ?? '').split('\n').map((run) => ({ where, run })),
  )
  const known = commands.flatMap(({ where, run }) => {
    const [, script] = /^npm (?:run )?(test|(?<=run )[\w:-]+)/.exec(run) ?? []
    const [, file] = /\bnode (scripts\/\S+)/.exec(run) ?? []
    if (script !== undefined) assert.ok(script in scripts, `${where}: ${run}`)
    if (file !== undefined) assert.ok(existsSync(new URL(file, ROOT)), `${where}: ${run}`)
    return script ?? file ?? []
  })
  assert.deepEqual(known.sort(), ['scripts/needs.mjs', 'test'])
})

nodeTest(
  'a workflow may read, has no secret, and ends; one job alone may say who it is, and runs no code of others',
  () => {
    for (const { file, text, workflow } of workflows) {
      assert.deepEqual(workflow.permissions, { contents: 'read' }, file)
      assert.ok(workflow.concurrency, `${file} says what runs beside what`)
      assert.doesNotMatch(text, /\bsecrets\b|TOKEN|pull_request_target/, file)
      // What others write, such as the title of a pull request, would be run as a script.
      assert.doesNotMatch(text, /run:.*\$\{\{/, file)
    }
    for (const { where, job } of jobs) {
      if (job.uses === undefined) assert.ok(job['timeout-minutes'], `${where} has no limit of time`)
      else assert.ok(existsSync(new URL(job.uses, ROOT)), `${where}: ${job.uses}`)
    }
    const more = jobs.filter(({ job }) => job.permissions !== undefined)
    assert.deepEqual(
      more.map(({ where, job }) => [where, job.permissions]),
      [['release.yml, publish', { 'id-token': 'write' }]],
    )
    const [publish] = more
    assert.ok(!(publish?.job.steps ?? []).some(({ run = '' }) => /npm (ci|i|install|run|test)\b/.test(run)))
  },
)

nodeTest('actions are those of GitHub itself, by their major version', () => {
  const used = steps.flatMap(({ where, step }) =>
    step.uses === undefined ? [] : [{ where, uses: step.uses }],
  )
  assert.ok(used.length > 0, 'actions are used')
  for (const { where, uses } of used) assert.match(uses, /^actions\/[a-z-]+@v\d+$/, where)
  const versions = new Set(used.map(({ uses }) => uses))
  assert.equal(
    versions.size,
    new Set([...versions].map((uses) => uses.split('@')[0])).size,
    [...versions].join(),
  )
})

nodeTest('a release is of a tag, after the tests, and publishes the file that they had', () => {
  const release = workflows.find(({ file }) => file === 'release.yml')!
  assert.deepEqual(release.workflow.on, { push: { tags: ['v*'] } })
  assert.equal(jobOf('release.yml', 'test').needs, 'version')
  assert.equal(jobOf('release.yml', 'publish').needs, 'test')
  const uploads = steps.filter(({ step }) => step.uses?.startsWith('actions/upload-artifact@'))
  const downloads = steps.filter(({ step }) => step.uses?.startsWith('actions/download-artifact@'))
  assert.deepEqual(
    [...uploads, ...downloads].map(({ step }) => step.with?.name),
    ['package', 'package', 'package'],
  )
  assert.match(release.text, new RegExp(`npm publish \\./${name}\\.tgz --provenance`))
})

const skip = process.platform === 'win32' && 'the release is checked by a POSIX shell'

nodeTest(
  'a tag that is not the version, or that the changelog does not know, is no release',
  { skip },
  (t) => {
    const script = (jobOf('release.yml', 'version').steps ?? []).at(-1)?.run ?? ''
    const folder = mkdtempSync(join(tmpdir(), 'ferry-release-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.3" }')
    const check = (tag: string, changelog: string) => {
      writeFileSync(join(folder, 'CHANGELOG.md'), changelog)
      const env = { ...process.env, GITHUB_REF_NAME: tag }
      const { status, stdout } = spawnSync('bash', ['-e', '-c', script], {
        cwd: folder,
        env,
        encoding: 'utf8',
      })
      return [status, stdout]
    }
    assert.deepEqual(check('v1.2.3', '## [Unreleased]\n\n## [1.2.3] - 2026-01-01\n'), [0, ''])
    assert.deepEqual(check('v1.2.4', '## [1.2.3]\n'), [
      1,
      '::error::the tag is v1.2.4, and package.json has 1.2.3; tag the commit that sets the version\n',
    ])
    assert.deepEqual(check('v1.2.3', '## [Unreleased]\n## [11.2.3]\n'), [
      1,
      '::error::CHANGELOG.md has no heading [1.2.3]; write what has changed, and tag that commit\n',
    ])
  },
)

nodeTest('updates are asked for where there are packages and actions', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: { 'package-ecosystem': string; directory?: string; directories?: string[]; groups: unknown }[]
  }
  assert.deepEqual(
    updates.map((each) => each['package-ecosystem']),
    ['npm', 'github-actions'],
  )
  for (const { directory, directories = [directory!], groups } of updates) {
    assert.ok(groups, 'they come together')
    for (const each of directories)
      assert.ok(existsSync(new URL(`.${each}`, ROOT)), `${each} is a folder of the repository`)
  }
  for (const folder of updates[0]?.directories ?? [])
    assert.ok(existsSync(new URL(`.${folder}/package.json`, ROOT)), folder)
})

nodeTest('whoever reports a bug is asked what doctor says', () => {
  const { body } = parse(read('.github/ISSUE_TEMPLATE/bug.yml')) as {
    body: { id?: string; validations?: { required?: boolean } }[]
  }
  assert.equal(body.find(({ id }) => id === 'doctor')?.validations?.required, true)
})
