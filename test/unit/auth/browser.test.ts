// Which program opens the browser where, and where there is none that the person would see.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserCommands, canOpenBrowser, type Machine } from '../../../src/auth/person/browser.ts'

const URL_TEXT = 'https://as.example/authorize?a=1&calc&b=%22%26calc&c=$(x)&d=$&'
const LINUX = [
  ['xdg-open', URL_TEXT],
  ['gio', 'open', URL_TEXT],
  ['x-www-browser', URL_TEXT],
  ['sensible-browser', URL_TEXT],
]
type Env = Record<string, string>

function machine(files: Readonly<Record<string, string>> = {}): Machine {
  return { has: (path) => path in files, read: (path) => files[path] ?? '' }
}
const PLAIN = machine({ '/proc/version': 'Linux version 6.8.0 (gcc)' })
const WSL = machine({ '/proc/version': 'Linux version 5.15.1-microsoft-standard-WSL2' })
const CONTAINER_IN_WSL = machine({
  '/proc/version': 'Linux version 5.15.1-microsoft-standard-WSL2',
  '/.dockerenv': '',
})

function commands(platform: string, env: Env, on = PLAIN): readonly (readonly string[])[] {
  return browserCommands(URL_TEXT, { platform, env, machine: on })
}

test('each system has its own program', () => {
  assert.deepEqual(commands('darwin', {}), [['/usr/bin/open', URL_TEXT]])
  assert.deepEqual(commands('win32', { SystemRoot: 'D:\\Win' }), [
    ['D:\\Win\\System32\\rundll32.exe', 'url.dll,FileProtocolHandler', URL_TEXT],
  ])
  assert.equal(commands('win32', {})[0]![0], 'C:\\Windows\\System32\\rundll32.exe')
  assert.deepEqual(commands('linux', {}), LINUX)
  assert.deepEqual(commands('freebsd', {}), LINUX)
})

test('Linux inside of Windows asks Windows first; a container there cannot', () => {
  const windows = [
    ['wslview', URL_TEXT],
    ['rundll32.exe', 'url.dll,FileProtocolHandler', URL_TEXT],
    ['/mnt/c/Windows/System32/rundll32.exe', 'url.dll,FileProtocolHandler', URL_TEXT],
  ]
  assert.deepEqual(commands('linux', { WSL_DISTRO_NAME: 'Ubuntu' }), [...windows, ...LINUX])
  assert.deepEqual(commands('linux', {}, WSL), [...windows, ...LINUX])
  assert.deepEqual(commands('linux', {}, CONTAINER_IN_WSL), LINUX)
})

for (const [value, expected] of [
  ['firefox', [['firefox', URL_TEXT]]],
  [
    'a:b',
    [
      ['a', URL_TEXT],
      ['b', URL_TEXT],
    ],
  ],
  [' : a : ', [['a', URL_TEXT]]],
  ['b --new %s -x', [['b', '--new', URL_TEXT, '-x']]],
  ['b --app=%s', [['b', `--app=${URL_TEXT}`]]],
  ['b --app="%s"', [['b', `--app=${URL_TEXT}`]]],
  [
    `"/x y/b" '-p q'`,
    [
      [`"/x y/b" '-p q'`, URL_TEXT],
      ['/x y/b', '-p q', URL_TEXT],
    ],
  ],
  [
    '/x y/b',
    [
      ['/x y/b', URL_TEXT],
      ['/x', 'y/b', URL_TEXT],
    ],
  ],
  // The URL is never the program.
  ['%s', []],
  ['"%s" a', []],
  ['"', []],
] as const) {
  test(`$BROWSER is tried first: ${value}`, () => {
    assert.deepEqual(commands('linux', { BROWSER: value }), [...expected, ...LINUX])
  })
}

test('on Windows the colon of a path divides nothing', () => {
  assert.deepEqual(commands('win32', { BROWSER: '"C:\\a b\\x.exe" %s' })[0], ['C:\\a b\\x.exe', URL_TEXT])
})

test('$BROWSER may say that there is none', () => {
  for (const BROWSER of ['none', 'None', 'true', '/bin/true', '/usr/bin/false', ':', '0', 'echo']) {
    assert.equal(canOpenBrowser({ platform: 'darwin', env: { BROWSER } }), false, BROWSER)
    assert.deepEqual(commands('linux', { BROWSER, DISPLAY: ':0' }), [], BROWSER)
  }
})

for (const [platform, env, on, expected] of [
  ['darwin', {}, PLAIN, true],
  ['win32', {}, PLAIN, true],
  ['linux', {}, PLAIN, false],
  ['linux', { DISPLAY: ':0' }, PLAIN, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, PLAIN, true],
  ['linux', { DISPLAY: '' }, PLAIN, false],
  ['linux', {}, WSL, true],
  ['linux', { WSL_DISTRO_NAME: 'Ubuntu' }, PLAIN, true],
  ['linux', {}, CONTAINER_IN_WSL, false],
  ['linux', { DISPLAY: ':0' }, CONTAINER_IN_WSL, true],
  ['darwin', { SSH_CONNECTION: '1 2 3 4' }, PLAIN, false],
  ['win32', { SSH_TTY: '/dev/pts/1' }, PLAIN, false],
  ['linux', { SSH_CONNECTION: '1 2 3 4', WSL_DISTRO_NAME: 'Ubuntu' }, PLAIN, false],
  ['linux', { SSH_CONNECTION: '1 2 3 4', DISPLAY: 'localhost:10.0' }, PLAIN, true],
  ['darwin', { CI: 'true' }, PLAIN, false],
  ['darwin', { CI: '1' }, PLAIN, false],
  ['darwin', { CI: 'false' }, PLAIN, true],
  ['linux', { CI: 'true', DISPLAY: ':99' }, PLAIN, false],
  // Editors that run on another machine set it to a program that opens the browser here.
  ['linux', { SSH_CONNECTION: '1 2 3 4', BROWSER: '/editor/bin/browser.sh' }, PLAIN, true],
  ['linux', { CI: 'true', BROWSER: 'firefox' }, PLAIN, true],
  ['linux', { BROWSER: ' ' }, PLAIN, false],
] as const) {
  test(`a browser ${expected ? 'can' : 'cannot'} be opened: ${platform} ${JSON.stringify(env)}`, () => {
    assert.equal(canOpenBrowser({ platform, env: env as Env, machine: on }), expected)
  })
}
