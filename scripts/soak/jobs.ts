// The phases of the soak on some processes: on a machine that has much else to do, each is served by itself.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Job, Said } from './phase-runner.ts'
import type { Ended } from './report.ts'

const RUNNER = fileURLToPath(new URL('./phase-runner.ts', import.meta.url))

/** On so many processes as are wanted; what each job came to, in the order of the jobs. */
export async function runJobs(
  jobs: readonly Job[],
  { processes, say }: { readonly processes: number; readonly say: (line: string) => void },
): Promise<Ended[]> {
  const ended: Ended[] = []
  let next = 0
  const work = async (): Promise<void> => {
    // With maps, which JSON does not know.
    const runner = fork(RUNNER, { serialization: 'advanced' })
    while (next < jobs.length) {
      const at = next++
      ended[at] = await runJob(runner, jobs[at]!, say)
    }
    // With it goes what a phase without an end has left open.
    runner.kill()
  }
  await Promise.all(Array.from({ length: Math.min(processes, jobs.length) }, work))
  return ended
}

function runJob(runner: ChildProcess, job: Job, say: (line: string) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const hear = (said: Said): void => {
      if (said.kind === 'line') return say(said.line)
      runner.off('message', hear)
      runner.off('exit', end)
      resolve(said.ended)
    }
    const end = (): void => reject(new Error('a process of the soak has ended before its phase'))
    runner.on('message', hear)
    runner.on('exit', end)
    runner.send(job)
  })
}
