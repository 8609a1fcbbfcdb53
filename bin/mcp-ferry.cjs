#!/usr/bin/env node
// What npx starts. Editors often pick an old Node (the first that nvm ever installed), and an old Node cannot even
// parse the package. So this file is ES5, runs on Node 6 and later, and checks the version before anything else:
// on a new enough Node it starts the package at once; an old one looks for a newer one (old-node.cjs).
'use strict'

var NEEDED = [20, 18, 1]
/** By then the first requests have been answered, and V8 has compiled what a start needs. */
var SETTLED_MS = 3000

if (isNewEnough(process.versions.node)) start(require.resolve('../dist/mcp-ferry.cjs'))
else require('./old-node.cjs')(__filename, { isNewEnough: isNewEnough, compare: compareVersions })

function isNewEnough(version) {
  return compareVersions(String(version).replace(/^v/, '').split('.'), NEEDED) >= 0
}

function compareVersions(a, b) {
  for (var i = 0; i < 3; i++) {
    // parseInt because of 27.0.0-nightly; a part that is missing or no number counts as 0.
    var difference = (parseInt(a[i], 10) || 0) - (parseInt(b[i], 10) || 0)
    if (difference !== 0) return difference
  }
  return 0
}

// ---- what V8 makes of the code is kept

/**
 * Runs the hot file, from what V8 made of it on an earlier start: that takes a third of the time that our own code takes
 * (bench: start). It lies beside the file: who may write there may change the code itself, and it goes with the package.
 * Not by module.enableCompileCache: that has only what was compiled at once, and lies in the temporary folder of all users.
 */
function start(file) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE || process.versions.bun || process.versions.deno)
    return require(file)
  var source = require('fs').readFileSync(file, 'latin1')
  var build = /^"use strict";"(\w+)"/.exec(source)
  if (build === null) return require(file)
  // V8 asks for its own version, its flags and the length of the source, and takes nothing else.
  var kept = [file, build[1], process.platform, process.arch, process.versions.v8].join('-') + '.cache'
  var before = readKept(kept)
  var Script = require('vm').Script
  var text = '(function (exports, require, module, __filename, __dirname) {' + source + '\n})'
  var script = new Script(text, { filename: file, cachedData: before.made })
  var isSecond = before.made !== undefined && !script.cachedDataRejected
  if (!isSecond || before.isFirst) setTimeout(keep, SETTLED_MS, script, kept, isSecond).unref()

  // As require('module') is, which would load the reading of source maps and ES modules, too.
  var Module = module.constructor
  var hot = new Module(file, module)
  require.cache[file] = hot
  var within = [hot.exports, Module.createRequire(file), hot, file, require('path').dirname(file)]
  script.runInThisContext().apply(hot.exports, within)
  hot.loaded = true
}

/**
 * Kept twice: whatever spoils a file does not spoil both alike, and V8 ends the process where it runs what is spoiled.
 * A byte more behind it says that two starts have been seen: the first one is often a look at the demo, or at no server.
 */
function readKept(kept) {
  try {
    var bytes = require('fs').readFileSync(kept)
    var half = bytes.length >> 1
    if (half > 0 && bytes.compare(bytes, half, 2 * half, 0, half) === 0)
      return { made: bytes.subarray(0, half), isFirst: bytes.length === 2 * half }
  } catch (_error) {
    // There is none yet.
  }
  return {}
}

/** Where that cannot be (the package is not ours to write in), each start compiles. */
function keep(script, kept, isSecond) {
  var fs = require('fs')
  var part = kept + '.' + process.pid
  fs.open(part, 'wx', function (error, file) {
    if (error) return
    var bytes = script.createCachedData()
    fs.writeFile(file, Buffer.concat([bytes, bytes, Buffer.alloc(isSecond ? 1 : 0)]), function (failed) {
      fs.close(file, function () {
        if (failed) discard(failed)
        else fs.rename(part, kept, discard)
      })
    })
  })

  function discard(error) {
    if (error) fs.unlink(part, function () {})
  }
}
