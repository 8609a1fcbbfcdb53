// An old Node: looks for a newer one and hands over to it, or says what is missing. ES5, runs on Node 6 and later.
'use strict'

module.exports = startOnOldNode

// What the launcher gives.
var launcher, isNewEnough, compareVersions

/** `script` is what the newer Node runs; `versions` compares and judges them. */
function startOnOldNode(script, versions) {
  launcher = script
  isNewEnough = versions.isNewEnough
  compareVersions = versions.compare
  // Set by ourselves: the Node that was handed the work is too old after all. Looking again would go round in circles.
  var guard = 'MCP_FERRY_HANDED_OVER'
  var newer = process.env[guard] ? undefined : findNewerNode()
  if (newer === undefined) return refuse()
  process.env[guard] = process.versions.node
  handOver(newer)
}

// ---- looking for a newer Node

/** The path of the newest Node that runs and is new enough, or undefined. */
function findNewerNode() {
  var deadline = Date.now() + 15000
  var candidates = inVersionTrees().concat(inKnownPlaces()).filter(isAbsoluteFile).filter(isFirst)
  var named = candidates.filter(function (file) {
    return isNewEnough(versionInPath(file))
  })
  named.sort(function (a, b) {
    return compareVersions(versionInPath(b).split('.'), versionInPath(a).split('.'))
  })
  // Where the path tells no version the Node itself is asked, which takes a start of it; so those come last.
  var unnamed = candidates.filter(function (file) {
    return versionInPath(file) === ''
  })
  var all = named.concat(unnamed)
  for (var i = 0; i < all.length && Date.now() < deadline; i++) {
    if (isNewEnough(askVersion(all[i]))) return all[i]
  }
}

/** The version that a version manager's folder name tells, without the v; '' when it tells none. */
function versionInPath(file) {
  var found = /[\\/](?:v|node(?:js|-versions)?[\\/]v?)(\d+\.\d+\.\d+)[\\/]/.exec(file)
  return found === null ? '' : found[1]
}

function askVersion(file) {
  try {
    var answer = require('child_process').execFileSync(file, ['--version'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
      killSignal: 'SIGKILL',
      windowsHide: true
    })
    return /^v\d+\.\d+\.\d+/.test(String(answer)) ? String(answer).trim() : ''
  } catch (_error) {
    return ''
  }
}

/** The Nodes in the trees of version managers: one folder for each version. */
function inVersionTrees() {
  var path = require('path')
  var windows = process.platform === 'win32'
  // fnm keeps each version one level deeper.
  var inside = windows ? ['node.exe', 'installation\\node.exe'] : ['bin/node', 'installation/bin/node']
  var found = []
  treesOfManagers().forEach(function (tree) {
    foldersIn(tree).forEach(function (version) {
      inside.forEach(function (rest) {
        found.push(path.join(tree, version, rest))
      })
    })
  })
  return found
}

/** Some managers also keep links such as `20` or `latest`; what they lead to has a full name of its own. */
function foldersIn(tree) {
  try {
    var names = require('fs').readdirSync(tree)
    return names.filter(RegExp.prototype.test.bind(/^v?\d+\.\d+\.\d+$/))
  } catch (_error) {
    return []
  }
}

function treesOfManagers() {
  var env = process.env
  // Some hosts strip the environment, so nothing below relies on a variable being set.
  var home = homeFolder()
  var data = env.XDG_DATA_HOME || home + '/.local/share'
  if (process.platform === 'win32') {
    var roaming = env.APPDATA || home + '\\AppData\\Roaming'
    var local = env.LOCALAPPDATA || home + '\\AppData\\Local'
    return [treeOfRunningNode(), env.NVM_HOME, roaming + '\\nvm', local + '\\nvm']
      .concat(under([env.FNM_DIR, roaming + '\\fnm', local + '\\fnm'], 'node-versions'))
      .concat(under([env.VOLTA_HOME, local + '\\Volta'], 'tools\\image\\node'))
      .concat(under([env.MISE_DATA_DIR, local + '\\mise'], 'installs\\node'))
      .filter(Boolean)
  }
  var nvm = [env.NVM_DIR, home + '/.nvm', (env.XDG_CONFIG_HOME || home + '/.config') + '/nvm']
  var fnm = [env.FNM_DIR, data + '/fnm', home + '/.fnm', home + '/Library/Application Support/fnm']
  return [treeOfRunningNode()]
    .concat(under(nvm, 'versions/node'))
    .concat(under(fnm, 'node-versions'))
    .concat(under([env.VOLTA_HOME, home + '/.volta'], 'tools/image/node'))
    .concat(under([env.ASDF_DATA_DIR, home + '/.asdf'], 'installs/nodejs'))
    .concat(under([env.MISE_DATA_DIR, data + '/mise'], 'installs/node'))
    .concat(under([env.N_PREFIX, '/usr/local'], 'n/versions/node'))
    .filter(Boolean)
}

/** In a container the user may have no home; then a path is given below which nothing can lie. */
function homeFolder() {
  try {
    return require('os').homedir() || process.execPath
  } catch (_error) {
    return process.execPath
  }
}

function under(roots, rest) {
  return roots.filter(Boolean).map(function (root) {
    return require('path').join(root, rest)
  })
}

/** When the running Node lies in a folder that is named by its version: the folder that holds its sisters. */
function treeOfRunningNode() {
  var found = /^(.+)[\\/]v?\d+\.\d+\.\d+[\\/]/.exec(process.execPath)
  return found === null ? undefined : found[1]
}

/** Where a Node may lie without its version in the path. */
function inKnownPlaces() {
  var path = require('path')
  var env = process.env
  var windows = process.platform === 'win32'
  // On Windows the variable may be spelled Path; process.env does not mind.
  var folders = (env.PATH || '').split(path.delimiter).map(function (folder) {
    return folder.replace(/^"(.*)"$/, '$1')
  })
  if (windows) {
    folders.push((env.ProgramFiles || 'C:\\Program Files') + '\\nodejs')
    folders.push((env['ProgramFiles(x86)'] || 'C:\\Program Files (x86)') + '\\nodejs')
  } else {
    folders.push('/opt/homebrew/bin', '/usr/local/bin', '/home/linuxbrew/.linuxbrew/bin')
    ;['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'].forEach(function (opt) {
      folders = folders.concat(kegsIn(opt))
    })
    folders.push('/usr/bin')
  }
  return folders.map(function (folder) {
    return path.join(folder, windows ? 'node.exe' : 'node')
  })
}

/** Homebrew's node, node@20, node@22, …, newest first. */
function kegsIn(opt) {
  try {
    var kegs = require('fs')
      .readdirSync(opt)
      .filter(RegExp.prototype.test.bind(/^node(@\d+)?$/))
    kegs.sort(function (a, b) {
      return Number(b.split('@')[1] || 1000) - Number(a.split('@')[1] || 1000)
    })
    return kegs.map(function (keg) {
      return opt + '/' + keg + '/bin'
    })
  } catch (_error) {
    return []
  }
}

/** Absolute only: a relative entry of PATH leads into the folder the editor has open, where anything may lie. */
function isAbsoluteFile(file) {
  try {
    return require('path').isAbsolute(file) && require('fs').statSync(file).isFile()
  } catch (_error) {
    return false
  }
}

function isFirst(file, index, all) {
  return all.indexOf(file) === index && file !== process.execPath
}

// ---- handing over

/** Runs this script on that Node with the same streams, and ends as it ends. */
function handOver(node) {
  var settings = { stdio: 'inherit', windowsHide: true }
  var child = require('child_process').spawn(node, [launcher].concat(process.argv.slice(2)), settings)
  var started = true
  child.on('error', function () {
    if (child.pid !== undefined) return
    started = false
    refuse()
  })
  child.on('exit', function (code, signal) {
    if (started) process.exit(signal ? 128 + signalNumber(signal) : code)
  })
  ;['SIGTERM', 'SIGINT', 'SIGHUP'].forEach(function (name) {
    process.on(name, function () {
      // A terminal (and on Windows the console) sends these to both of us, and a second one means "at once".
      var both = process.platform === 'win32' || (name !== 'SIGTERM' && require('tty').isatty(0))
      if (!both && started) child.kill(name)
    })
  })
}

function signalNumber(name) {
  var signals = (require('os').constants || {}).signals || {}
  return signals[name] || 15
}

// ---- refusing

/** Says on stderr what is missing, answers the host's first request with it, and exits with 2. */
function refuse() {
  var sentence = [
    'mcp-ferry: needs Node 20.18.1 or later but was started with Node ' + process.versions.node,
    ' (' + process.execPath.replace(/[\r\n]+/g, ' ') + ') and found no newer one: ',
    "install Node 20 or later, or put its absolute path in the editor's config as command"
  ].join('')
  try {
    require('fs').writeSync(2, sentence + '\n')
  } catch (_error) {
    // Nobody reads stderr; the answer below says the same.
  }
  if (require('tty').isatty(0)) process.exit(2)
  readFirstRequest(function (id) {
    if (id === undefined) process.exit(2)
    var data = { origin: 'mcp-ferry', kind: 'usage', code: 'node-too-old' }
    var error = JSON.stringify({ code: -32603, message: sentence, data: data })
    process.stdout.on('error', function () {
      process.exit(2)
    })
    process.stdout.write('{"jsonrpc":"2.0","id":' + id + ',"error":' + error + '}\n', function () {
      process.exit(2)
    })
  })
}

/** Calls back once: with the id of the host's first request as it was written, or with nothing when none comes. */
function readFirstRequest(callback) {
  var text = ''
  // Where the machine stalls, the time is over before what lies ready has been read: so that comes first.
  var timer = setTimeout(function () {
    setImmediate(finish)
  }, 3000)
  var finished = false
  function finish(id) {
    if (finished) return
    finished = true
    clearTimeout(timer)
    callback(id)
  }
  function take(line) {
    var id = requestId(line)
    if (id !== undefined) finish(id)
  }
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', function (chunk) {
    var lines = (text + chunk).split('\n')
    text = lines.pop()
    lines.forEach(take)
  })
  process.stdin.on('end', function () {
    take(text)
    finish()
  })
  process.stdin.on('error', function () {
    finish()
  })
}

/** The id of a request, verbatim: JSON.parse would round 9007199254740993. Undefined for anything else. */
function requestId(line) {
  try {
    var message = JSON.parse(line.replace(/^\ufeff/, ''))
    if (typeof message.method !== 'string') return undefined
    if (typeof message.id !== 'string' && typeof message.id !== 'number') return undefined
  } catch (_error) {
    return undefined
  }
  var tokens = line.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:\ufeff]+/g)
  var depth = 0
  var id
  for (var i = 0; i < tokens.length; i++) {
    if (/^[{[]$/.test(tokens[i])) depth++
    else if (/^[}\]]$/.test(tokens[i])) depth--
    else if (depth === 1 && tokens[i + 1] === ':' && JSON.parse(tokens[i]) === 'id') id = tokens[i + 2]
  }
  return id
}
