// Programs that print, fail, talk too much or do not end. Real ones: Node with a line of its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ProgramRun, runProgram } from '../../../src/auth/headers/program-run.ts'
import { isBridgeError } from '../../../src/errors.ts'

function run(script: string, more: Partial<ProgramRun> = {}) {
  const redact = (text: string): string => text.replaceAll('s3cret', '[redacted]')
  const command = [process.execPath, '-e', script]
  return runProgram({ command, env: process.env, windows: process.platform === 'win32', redact, ...more })
}

async function failureOf(...given: Parameters<typeof run>): Promise<string> {
  try {
    await run(...given).output
  } catch (thrown) {
    assert.ok(isBridgeError(thrown), 'a BridgeError was expected')
    assert.equal(thrown.kind, 'auth-failed')
    return thrown.message
  }
  throw new Error('it did not fail')
}

test('what it prints is the output; stdin is empty and the environment is ours', async () => {
  const script = 'process.stdin.on("end", () => console.log(process.env.X)).resume()'
  assert.equal(await run(script, { env: { ...process.env, X: 'yes' } }).output, 'yes\n')
})

test('a failure is told with its exit code and what it said, and not with secrets or arguments', async () => {
  const told = await failureOf(
    'console.error("no login for s3cret, ghp_abcdefghijkl, value-x"); console.log("value-x"); process.exit(7)',
  )
  assert.match(told, /^the command node(\.exe)? failed with exit code 7: no login for \[redacted\]/)
  assert.doesNotMatch(told, /s3cret|ghp_|value-x|console/)
})

test('of a long complaint the end is shown', async () => {
  const told = await failureOf(
    'console.error("first" + " word".repeat(3000) + " last"); process.exitCode = 1',
  )
  assert.match(told, /: …[ word]+ last; run it in a terminal/)
  assert.ok(told.length < 450, `${told.length} characters`)
})

test('a program that is not there, or is none', async () => {
  assert.match(
    await failureOf('', { command: ['no-such-program', 's3cret'] }),
    /no-such-program was not found/,
  )
})

test('more than 64 KiB is no credential', async () => {
  assert.match(await failureOf('console.log("x".repeat(65536))'), /printed more than 64 KiB/)
})

test('one that does not end is ended, with what it has started', async () => {
  // Its child would hold the pipe open.
  const script =
    'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "inherit" }); console.error("waiting for you")'
  const told = await failureOf(`${script}; setInterval(() => {}, 1e6)`, { limitMs: 1000 })
  assert.match(told, /did not end within 1 s/)
})

test('one that leaves something running behind is not waited for longer', async () => {
  const child = run(
    'const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "inherit", detached: true }); child.unref(); console.log(child.pid)',
  )
  const pid = Number(await child.output)
  process.kill(pid, 'SIGKILL')
})

test('it is ended when nobody wants it any more', async () => {
  const running = run('setInterval(() => {}, 1e6)')
  running.stop()
  await assert.rejects(running.output, /closing/)
})
