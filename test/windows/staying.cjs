// The program of an entry: it shakes hands, and stays when its input has ended.
'use strict'

const { createInterface } = require('node:readline')

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (method !== 'initialize') return
  const { protocolVersion } = params
  const result = { protocolVersion, capabilities: {}, serverInfo: { name: 'staying', version: '1' } }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
})
setInterval(() => {}, 1000)
