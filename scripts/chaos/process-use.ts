// What the bridge's process holds, asked of Linux; on other systems there is no reading.
import { readdirSync, readFileSync } from 'node:fs'

export interface Use {
  readonly rssMb: number
  readonly descriptors: number
}

export function useOf(pid: number): Use | undefined {
  if (process.platform !== 'linux') return undefined
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
  return { rssMb: (kilobytes * 1024) / 1e6, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}
