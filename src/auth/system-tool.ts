// A program of Windows itself by its whole name: for a bare one Windows looks in the current folder first, which is the
// project that the editor has open, where anything may lie. protocol.md G.7.
import { win32 } from 'node:path'
import { lookUp } from '../options/variables.ts'

export function systemTool(path: string, env: Readonly<Record<string, string | undefined>>): string {
  // A copy of the environment minds the case, in which hosts hand it on as they like.
  const root = lookUp('SYSTEMROOT', { values: env, windows: true })
  return win32.join(root || 'C:\\Windows', 'System32', path)
}
