// A command that prints far too much and has started another that never ends: both are to be gone when it is given up.
'use strict'

const { spawn } = require('node:child_process')

const STAY = 'setInterval(() => {}, 1000)'
spawn(process.execPath, ['-e', STAY], { stdio: 'ignore' })
process.stdout.write('x'.repeat(1024 * 1024))
setInterval(() => {}, 1000)
