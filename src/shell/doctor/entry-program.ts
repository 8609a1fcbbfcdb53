// Asks a Node for its version, as an entry's command leads to one. users.md 1 row 7.
import type { ChildProcess } from 'node:child_process'
import spawn from 'cross-spawn'

const VERSION_LIMIT_MS = 10_000
const PIPE_MS = 500

/** `v22.1.0`; undefined if it does not say. */
export function askVersion(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  return new Promise((settle) => {
    let child: ChildProcess
    try {
      child = spawn(program, ['--version'], {
        env: env as NodeJS.ProcessEnv,
        stdio: ['ignore', 'pipe', 'ignore'],
        windowsHide: true,
        timeout: VERSION_LIMIT_MS,
      })
    } catch {
      // What Node does not even hand to the system: a NUL in a text, for one. The start tells of it.
      return settle(undefined)
    }
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(0, 100)
    })
    child.on('error', () => settle(undefined))
    const told = (): void => settle(/^v\d+\.\d+\.\d+/.exec(text)?.[0])
    child.on('close', told)
    // What it has started may hold the pipe open for ever.
    child.on('exit', () =>
      setTimeout(() => {
        child.stdout?.destroy()
        told()
      }, PIPE_MS),
    )
  })
}
