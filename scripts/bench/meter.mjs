// What a process has used, asked of Linux and not of the process, so that being measured costs the measured nothing.
// CPU is the scheduler's own account of all its threads, in nanoseconds, where the kernel keeps one, else the
// 10 ms ticks of /proc/<pid>/stat. On other systems there is no reading, and the cells say "-".
import { readdirSync, readFileSync } from 'node:fs'

function schedulerMs(pid) {
  let nanoseconds = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    nanoseconds += Number(ran)
  }
  return nanoseconds / 1e6
}

function ticksMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * 10
}

export function cpuMs(pid) {
  if (process.platform !== 'linux') return undefined
  try {
    return schedulerMs(pid)
  } catch {
    return ticksMs(pid)
  }
}

function statusMb(pid, field) {
  if (process.platform !== 'linux') return undefined
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return (Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6
}

// The process and all that it has started, and those in turn; itself alone where there is no /proc.
export function descendants(pid) {
  if (process.platform !== 'linux') return [pid]
  const children = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const all = [pid]
  for (const one of all) all.push(...(children.get(one) ?? []))
  return all
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined // it ended meanwhile
  }
}

// Memory that several processes share is counted for each of them.
export function treeMb(pid) {
  if (process.platform !== 'linux') return undefined
  return descendants(pid).reduce((sum, one) => sum + rssMb(one), 0)
}

export const rssMb = (pid) => statusMb(pid, 'VmRSS')
export const peakMb = (pid) => statusMb(pid, 'VmHWM')
