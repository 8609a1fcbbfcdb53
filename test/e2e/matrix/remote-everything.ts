// server-everything as a remote of the matrix: one process for all cells, each of which has a session of its own.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { bareEnv } from '../../fixtures/hosts/raw-host.ts'
import { freePort } from '../harness.ts'
import type { Remote } from './remote.ts'

interface Running {
  readonly url: string
  stop(): void
}

let running: Promise<Running> | undefined

async function run(): Promise<Running> {
  const packageFile = createRequire(import.meta.url).resolve(
    '@modelcontextprotocol/server-everything/package.json',
  )
  const program = join(dirname(packageFile), 'dist', 'index.js')
  const port = await freePort()
  const env = { ...bareEnv(), PORT: String(port) }
  const child = spawn(process.execPath, [program, 'streamableHttp'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let told = ''
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error(`server-everything did not start: ${told}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString()
      if (told.includes('listening')) resolve()
    })
  })
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => void child.kill('SIGKILL') }
}

export async function startEverything(): Promise<Remote> {
  running ??= run()
  const { url } = await running
  return { url, witness: undefined, legacyOnly: true, close: async () => {} }
}

export async function stopEverything(): Promise<void> {
  ;(await running)?.stop()
}
