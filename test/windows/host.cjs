// The editor inside Windows: starts what a plan says, one case after the other or a few at once, says to each what
// the plan has it say, and writes down what it saw, a line of JSON for each case. The plan is the first argument.
// It writes to a file because Node for Windows cannot use a Unix pipe. See machine.ts for the shape of both.
'use strict'

const { execFileSync } = require('node:child_process')
const { appendFileSync, readFileSync } = require('node:fs')
const launchers = require('./launchers.cjs')

/** What hosts hand on that use the SDK; an entry's own variables come on top. arguments.md 1.1. */
const HANDED_ON = [
  'APPDATA',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PROCESSOR_ARCHITECTURE',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'USERNAME',
  'USERPROFILE',
  'PROGRAMFILES',
]
const LOOK_MS = 500
const MOST_LOOKS = 120
const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const note = (seen) => appendFileSync(plan.seen, `${JSON.stringify(seen)}\n`)

async function main() {
  for (const stage of plan.stages) {
    const waiting = [...stage]
    const worker = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) note(await play(one))
    }
    await Promise.all(Array.from({ length: plan.jobs }, worker))
  }
  note({ name: '', left: await left() })
}

/** What still runs though all that has started it has ended. What is being killed takes a moment on a busy machine. */
async function left() {
  for (let looks = 1; ; looks++) {
    const running = othersRunning()
    if (running.length === 0 || looks === MOST_LOOKS) return running
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function environment(own) {
  const names = Object.keys(process.env).filter((name) => HANDED_ON.includes(name.toUpperCase()))
  const env = Object.fromEntries(names.map((name) => [name.toUpperCase(), process.env[name]]))
  return { ...env, ...own }
}

/** Plays one case from the start of its program to the end of all that it has started. */
function play({ name, launcher, command, args, env, folder, say, end }) {
  const startedAt = Date.now()
  const seen = { name, lines: [], rest: '', stderr: '', code: null, ms: 0, failure: '' }
  const settings = { env: environment(env), cwd: folder, windowsHide: true, crossSpawn: plan.crossSpawn }
  let child
  try {
    child = launchers[launcher](command, args, settings)
  } catch (error) {
    return { ...seen, failure: String(error) }
  }
  return new Promise((resolve) => {
    const script = [...say]
    let awaited
    const goOn = () => {
      while (awaited === undefined && script.length > 0) {
        const { line, until } = script.shift()
        child.stdin.write(`${line}\n`)
        awaited = until
      }
      if (awaited !== undefined) return
      if (end === 'kill') child.kill()
      else child.stdin.end()
    }
    const take = (line) => {
      seen.lines.push(line)
      if (awaited === undefined || idOf(line) !== awaited) return
      awaited = undefined
      goOn()
    }
    const timer = setTimeout(() => {
      seen.failure = `not over after ${plan.limitMs} ms`
      killTree(child.pid)
    }, plan.limitMs)
    child.stdin.on('error', () => {})
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const pieces = (seen.rest + text).split('\n')
      seen.rest = pieces.pop()
      pieces.forEach(take)
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      seen.stderr += text
    })
    child.on('error', (error) => {
      seen.failure = String(error)
    })
    // Close, not exit: the pipes are held by whatever the shell has started, and all of it must be gone.
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ ...seen, code, ms: Date.now() - startedAt })
    })
    goOn()
  })
}

function idOf(line) {
  try {
    return JSON.parse(line).id
  } catch {
    return undefined
  }
}

function killTree(pid) {
  try {
    execFileSync('taskkill', ['/F', '/T', '/PID', String(pid)], { stdio: 'ignore' })
  } catch {
    // It may be gone by now.
  }
}

/** Every node.exe and cmd.exe that runs beside this one. */
function othersRunning() {
  const table = execFileSync('tasklist', ['/FO', 'CSV', '/NH'], { encoding: 'utf8' })
  return table
    .split(/\r?\n/)
    .filter((row) => /^"(?:node|cmd)\.exe"/i.test(row) && !row.includes(`"${process.pid}"`))
}

main().catch((error) => {
  note({ name: '', failure: String(error?.stack ?? error) })
  process.exitCode = 1
})
