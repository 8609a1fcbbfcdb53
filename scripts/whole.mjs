// The whole test, one part after the other: what npm test runs, and CI. The Windows of test:windows takes minutes to build
// where there is none yet, most of them waiting for downloads, and so is begun at once; who needs it waits for it.
import { spawn, spawnSync } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const building = spawn(process.execPath, ['scripts/windows/bed.mjs'], { cwd: root, stdio: 'ignore' })
// It takes what the tests leave of the machine.
try {
  setPriority(building.pid, constants.priority.PRIORITY_LOW)
} catch {
  // It has ended, or may not be slowed down.
}
// What is wrong is told by the part that needs it.
building.on('error', () => {})
for (const part of ['check', 'test:windows', 'e2e']) {
  const { status } = spawnSync('npm', ['run', '--silent', part], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) {
    building.kill()
    process.exit(status ?? 1)
  }
}
