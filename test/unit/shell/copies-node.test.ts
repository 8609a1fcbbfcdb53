// Which name an entry gives to the Node that runs: one that will still lead there after an upgrade. arguments.md 6.
import assert from 'node:assert/strict'
import test from 'node:test'
import { nodeToName } from '../../../src/shell/copies/node-to-name.ts'

interface Case {
  readonly exec: string
  readonly path?: string
  readonly links?: Readonly<Record<string, string>>
  readonly platform?: string
}

function nameOf({ exec, path = '', links = {}, platform = 'linux' }: Case) {
  const isThere = (name: string) => name === exec || name in links || Object.values(links).includes(name)
  return nodeToName({
    execPath: exec,
    platform,
    env: platform === 'win32' ? { Path: path } : { PATH: path },
    home: '/home/ann',
    temporary: ['/tmp', 'C:\\Temp'],
    realPath: (name) => (isThere(name) ? (links[name] ?? name) : undefined),
  })
}

const NVM = '/home/ann/.nvm/versions/node/v22.1.0/bin/node'
const KEG = '/opt/homebrew/Cellar/node/22.1.0_1/bin/node'
const KEG_22 = '/usr/local/Cellar/node@22/22.9.0/bin/node'
const FNM = '/home/ann/.local/share/fnm/node-versions/v22.1.0/installation/bin/node'
const FNM_WINDOWS = 'C:\\Users\\ann\\fnm\\node-versions\\v22.1.0\\installation\\node.exe'
const SHELL = '/home/ann/.local/state/fnm_multishells/12_34/bin'

const CASES: readonly (readonly [name: string, given: Case, path: string])[] = [
  [
    "a system's own",
    { exec: '/usr/bin/node', path: '/bin', links: { '/bin/node': '/usr/bin/node' } },
    '/usr/bin/node',
  ],
  ["nvm's, which has no other name", { exec: NVM, path: '/home/ann/.nvm/versions/node/v22.1.0/bin' }, NVM],
  [
    "Homebrew's by its link",
    { exec: KEG, links: { '/opt/homebrew/bin/node': KEG } },
    '/opt/homebrew/bin/node',
  ],
  [
    'a keg that is not linked, by opt',
    {
      exec: KEG_22,
      links: {
        '/usr/local/bin/node': '/usr/local/Cellar/node/24.0.0/bin/node',
        '/usr/local/opt/node@22/bin/node': KEG_22,
      },
    },
    '/usr/local/opt/node@22/bin/node',
  ],
  [
    'a link that another Node has: not that one',
    { exec: KEG, links: { '/opt/homebrew/bin/node': NVM } },
    KEG,
  ],
  ["fnm's, not the link of one terminal", { exec: FNM, path: SHELL, links: { [`${SHELL}/node`]: FNM } }, FNM],
  [
    "fnm's default",
    { exec: FNM, links: { '/home/ann/.local/share/fnm/aliases/default/bin/node': FNM } },
    '/home/ann/.local/share/fnm/aliases/default/bin/node',
  ],
  [
    "mise's by its major version, from PATH",
    {
      exec: '/home/ann/.local/share/mise/installs/node/22.1.0/bin/node',
      path: '/home/ann/.local/share/mise/installs/node/22/bin:/bin',
      links: {
        '/home/ann/.local/share/mise/installs/node/22/bin/node':
          '/home/ann/.local/share/mise/installs/node/22.1.0/bin/node',
      },
    },
    '/home/ann/.local/share/mise/installs/node/22/bin/node',
  ],
  ['nothing from a relative folder', { exec: NVM, path: 'bin:.', links: { 'bin/node': NVM } }, NVM],
  ['nothing from a temporary folder', { exec: NVM, path: '/tmp/x', links: { '/tmp/x/node': NVM } }, NVM],
  [
    'a folder that only begins like a temporary one',
    { exec: NVM, path: '/tmpfs', links: { '/tmpfs/node': NVM } },
    '/tmpfs/node',
  ],
  [
    "Nix's by the profile",
    {
      exec: '/nix/store/abc-nodejs-22.1.0/bin/node',
      path: '/home/ann/.nix-profile/bin',
      links: { '/home/ann/.nix-profile/bin/node': '/nix/store/abc-nodejs-22.1.0/bin/node' },
    },
    '/home/ann/.nix-profile/bin/node',
  ],
  [
    'a snap by what is current',
    { exec: '/snap/node/9/bin/node', links: { '/snap/node/current/bin/node': '/snap/node/9/bin/node' } },
    '/snap/node/current/bin/node',
  ],
  [
    "Windows' own",
    { exec: 'C:\\Program Files\\nodejs\\node.exe', platform: 'win32' },
    'C:\\Program Files\\nodejs\\node.exe',
  ],
  [
    'the folder that nvm for Windows links',
    {
      exec: 'C:\\Users\\ann\\nvm\\v22.1.0\\node.exe',
      path: '"C:\\nvm4w\\nodejs";C:\\Windows',
      links: { 'C:\\nvm4w\\nodejs\\node.exe': 'C:\\Users\\ann\\nvm\\v22.1.0\\node.exe' },
      platform: 'win32',
    },
    'C:\\nvm4w\\nodejs\\node.exe',
  ],
  [
    "fnm's on Windows, where the running one is named by the link",
    {
      exec: 'C:\\Users\\ann\\fnm_multishells\\1_2\\node.exe',
      links: { 'C:\\Users\\ann\\fnm_multishells\\1_2\\node.exe': FNM_WINDOWS },
      platform: 'win32',
    },
    FNM_WINDOWS,
  ],
]

for (const [name, given, path] of CASES)
  test(name, () => {
    assert.deepEqual(nameOf(given), { path })
  })

test('a Node that will not last is told of', () => {
  for (const exec of ['/tmp/node/bin/node', '/home/ann/.npm/_npx/1a/node_modules/node/bin/node']) {
    const { path, note } = nameOf({ exec })
    assert.equal(path, exec)
    assert.match(note ?? '', /may be emptied; install Node/)
  }
})
