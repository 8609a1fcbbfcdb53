// Programs of Windows by their whole names, wherever Windows lies and however its variable is spelled. protocol.md G.7.
import assert from 'node:assert/strict'
import test from 'node:test'
import { systemTool } from '../../../src/auth/system-tool.ts'

test('a program of Windows is never looked for in the current folder', () => {
  assert.equal(systemTool('taskkill.exe', {}), 'C:\\Windows\\System32\\taskkill.exe')
  assert.equal(systemTool('taskkill.exe', { SystemRoot: '' }), 'C:\\Windows\\System32\\taskkill.exe')
  assert.equal(systemTool('taskkill.exe', { SYSTEMROOT: 'D:\\Win' }), 'D:\\Win\\System32\\taskkill.exe')
  assert.equal(systemTool('a\\b.exe', { SystemRoot: 'D:\\Win' }), 'D:\\Win\\System32\\a\\b.exe')
})
