// The files of dist: the hot file, which every start reads, and its lazy siblings, each with what it may hold. A module
// that begins a sibling is imported with `await import('./…')` and nowhere else; the build puts it, and what it alone needs
// of ours, into a file of its own. What the hot file has it takes from there, and the rest from the files of SHARED, or
// from a sibling that `gives` it: one that whoever takes from it has loaded mostly, or can bear to load. build.mjs makes
// them, rules.mjs keeps them.

export const HOT = {
  name: 'mcp-ferry',
  source: 'src/main.ts',
  limitBytes: 128_000,
  packages: [],
}

export const SIBLINGS = [
  { name: 'provisional', source: 'src/remote/provisional-answer.ts', limitBytes: 4_000, packages: [] },
  { name: 'stages', source: 'src/stages/stages.ts', limitBytes: 64_000, packages: [] },
  { name: 'trace', source: 'src/stages/trace.ts', limitBytes: 12_000, packages: [] },
  {
    name: 'networked',
    source: 'src/remote/http/networked.ts',
    gives: ['src/remote/http/socket-failure.ts'],
    limitBytes: 4_000,
    packages: [],
  },
  {
    name: 'trust',
    source: 'src/remote/http/trust.ts',
    gives: ['src/remote/http/certificate.ts'],
    limitBytes: 8_000,
    packages: [],
  },
  { name: 'proxied', source: 'src/remote/http/proxied.ts', limitBytes: 108_000, packages: ['undici'] },
  {
    name: 'auth',
    source: 'src/auth/loading.ts',
    gives: [
      ...'file-store account-shape lock private-file open-store memory-store'
        .split(' ')
        .map((name) => `src/auth/kept/${name}.ts`),
      ...'challenge scopes lifetime login-command'.split(' ').map((name) => `src/auth/${name}.ts`),
    ],
    limitBytes: 24_000,
    packages: [],
  },
  { name: 'keychain', source: 'src/auth/kept/keychain-store.ts', limitBytes: 4_000, packages: [] },
  { name: 'sign-in', source: 'src/auth/sign-in.ts', limitBytes: 76_000, packages: ['oauth4webapi'] },
  { name: 'changing', source: 'src/auth/headers/changing.ts', limitBytes: 16_000, packages: [] },
  {
    name: 'account',
    source: 'src/shell/commands/account.ts',
    gives: ['src/auth/kept/accounts.ts'],
    limitBytes: 20_000,
    packages: [],
  },
  { name: 'demo', source: 'src/shell/commands/demo.ts', limitBytes: 16_000, packages: [] },
  { name: 'shell', source: 'src/shell/door.ts', limitBytes: 8_000, packages: [] },
  { name: 'config', source: 'src/shell/commands/config.ts', limitBytes: 68_000, packages: [] },
  { name: 'doctor', source: 'src/shell/commands/doctor.ts', limitBytes: 60_000, packages: [] },
  { name: 'entries', source: 'src/shell/doctor/entries.ts', limitBytes: 48_000, packages: [] },
  { name: 'asking', source: 'src/shell/asking/asking.ts', limitBytes: 20_000, packages: [] },
  { name: 'calling', source: 'src/shell/calling/calling.ts', limitBytes: 40_000, packages: [] },
  { name: 'traces', source: 'src/shell/traces/traces.ts', limitBytes: 28_000, packages: [] },
  { name: 'completion', source: 'src/shell/commands/completion.ts', limitBytes: 12_000, packages: [] },
  { name: 'refusing', source: 'src/refusing.ts', limitBytes: 4_000, packages: [] },
  { name: 'eras', source: 'src/eras/eras.ts', limitBytes: 96_000, packages: [] },
  {
    name: 'handshakes',
    source: 'src/remote/handshakes.ts',
    gives: ['src/paths.ts'],
    limitBytes: 12_000,
    packages: ['env-paths'],
  },
  { name: 'help', source: 'src/options/help.ts', limitBytes: 8_000, packages: [] },
  { name: 'unexpected', source: 'src/options/unexpected.ts', limitBytes: 12_000, packages: [] },
  {
    name: 'further-options',
    source: 'src/options/further-options.ts',
    gives: ['no-proxy', 'proxy-choice'].map((name) => `src/options/${name}.ts`),
    limitBytes: 36_000,
    packages: [],
  },
  { name: 'http-sse', source: 'src/remote/http-sse.ts', limitBytes: 8_000, packages: [] },
]

// What the hot file calls and hardly any start needs before its first answer: in its stead stand functions that load the file
// when one of them is first called, at once and not by a promise. So a module of `sources` gives functions alone to the hot
// file, and does nothing when it is loaded. None is called per message.
export const DEFERRED = [
  {
    name: 'command-line',
    sources:
      'argv plain-words command-names header-sources headers header-file file-name suspicions mcp-remote-flags references warning demo-options'
        .split(' ')
        .map((name) => `src/options/${name}.ts`),
    limitBytes: 24_000,
    packages: [],
  },
  { name: 'commander', sources: ['src/options/words.ts'], limitBytes: 20_000, packages: ['commander'] },
  {
    name: 'odd-words',
    sources: 'marked-url named-url nearest command-words flag-list changing-options'
      .split(' ')
      .map((name) => `src/options/${name}.ts`),
    limitBytes: 12_000,
    packages: [],
  },
  {
    name: 'recovery',
    sources:
      `recovery recovering reopening failed-answer said failures cookie-jar conveying linked fallback listening resume retry backoff start
      http/failure http/redirect-target refused`
        .split(/\s+/)
        .map((name) => `src/remote/${name}.ts`),
    limitBytes: 32_000,
    packages: [],
  },
]

// What several siblings need: a module of `sources`, or a package, is in this file alone, and whoever needs it loads the
// file. Little of it is for starts of the bridge: those would rather have a copy than one file more.
export const SHARED = [
  {
    name: 'pages',
    sources:
      `completion-help command-list further-flag-help flag-help tool-pages asking-help calling-help trace-help tool-flags
      flag-values`
        .split(/\s+/)
        .map((name) => `src/options/${name}.ts`),
    limitBytes: 32_000,
    packages: [],
  },
  {
    name: 'editor-files',
    sources: [
      ...'json-servers unreadable json-tree toml-servers toml-text toml-tree servers changed-file file-failures file-text'
        .split(' ')
        .map((name) => `src/shell/files/${name}.ts`),
      'src/shell/editors/editors.ts',
      'jsonc-parser',
      'toml-eslint-parser',
    ],
    limitBytes: 84_000,
    packages: ['jsonc-parser', 'toml-eslint-parser'],
  },
  {
    name: 'commands',
    sources: [
      ...'commands/account-view colour remote-line client pipes replies exchanges outcome raw-json schema listing screen wide-text foreign-text commands/tool-line'
        .split(' ')
        .map((name) => `src/shell/${name}.ts`),
      'kleur',
    ],
    limitBytes: 24_000,
    packages: ['kleur'],
  },
  {
    name: 'programs',
    sources: [
      ...'program-path headers/token-shapes headers/program-run kept/keychain system-tool person/browser'
        .split(' ')
        .map((name) => `src/auth/${name}.ts`),
      'cross-spawn',
    ],
    limitBytes: 20_000,
    packages: ['cross-spawn'],
  },
  {
    name: 'tunnel',
    sources: ['tunnel', 'proxy-failure'].map((name) => `src/remote/http/${name}.ts`),
    limitBytes: 12_000,
    packages: [],
  },
  {
    name: 'discovery',
    sources: ['discovery', 'web', 'safe-url'].map((name) => `src/auth/${name}.ts`),
    limitBytes: 16_000,
    packages: [],
  },
]
