// The files of dist: the hot file, which every start reads, and its lazy siblings, each with what it may hold. A module
// that begins a sibling is imported with `await import('./…')` and nowhere else; the build puts it, and a copy of
// what it needs of ours, into a file of its own. build.mjs makes them, rules.mjs keeps them.

export const HOT = {
  name: 'mcp-ferry',
  source: 'src/main.ts',
  limitBytes: 128_000,
  packages: ['commander'],
}

export const SIBLINGS = [
  { name: 'provisional', source: 'src/remote/provisional-answer.ts', limitBytes: 16_000, packages: [] },
  { name: 'stages', source: 'src/stages/stages.ts', limitBytes: 64_000, packages: [] },
  { name: 'trace', source: 'src/stages/trace.ts', limitBytes: 32_000, packages: [] },
  { name: 'networked', source: 'src/remote/http/networked.ts', limitBytes: 48_000, packages: [] },
  { name: 'trust', source: 'src/remote/http/trust.ts', limitBytes: 16_000, packages: [] },
  { name: 'proxied', source: 'src/remote/http/proxied.ts', limitBytes: 600_000, packages: ['undici'] },
  {
    name: 'auth',
    source: 'src/auth/loading.ts',
    limitBytes: 32_000,
    packages: ['env-paths'],
  },
  {
    name: 'keychain',
    source: 'src/auth/kept/keychain-store.ts',
    limitBytes: 48_000,
    packages: ['cross-spawn'],
  },
  {
    name: 'sign-in',
    source: 'src/auth/sign-in.ts',
    limitBytes: 160_000,
    packages: ['oauth4webapi', 'cross-spawn'],
  },
  { name: 'changing', source: 'src/auth/headers/changing.ts', limitBytes: 56_000, packages: ['cross-spawn'] },
  {
    name: 'account',
    source: 'src/shell/commands/account.ts',
    limitBytes: 64_000,
    packages: ['env-paths', 'cross-spawn', 'kleur'],
  },
  { name: 'demo', source: 'src/shell/commands/demo.ts', limitBytes: 24_000, packages: [] },
  { name: 'shell', source: 'src/shell/door.ts', limitBytes: 8_000, packages: [] },
  {
    name: 'config',
    source: 'src/shell/commands/config.ts',
    limitBytes: 176_000,
    packages: ['env-paths', 'jsonc-parser', 'toml-eslint-parser', 'kleur'],
  },
  {
    name: 'doctor',
    source: 'src/shell/commands/doctor.ts',
    limitBytes: 112_000,
    packages: ['env-paths', 'kleur'],
  },
  {
    name: 'entries',
    source: 'src/shell/doctor/entries.ts',
    limitBytes: 176_000,
    packages: ['env-paths', 'jsonc-parser', 'toml-eslint-parser', 'cross-spawn'],
  },
  { name: 'asking', source: 'src/shell/asking/asking.ts', limitBytes: 96_000, packages: ['kleur'] },
  { name: 'calling', source: 'src/shell/calling/calling.ts', limitBytes: 112_000, packages: ['kleur'] },
  { name: 'traces', source: 'src/shell/traces/traces.ts', limitBytes: 64_000, packages: ['kleur'] },
  { name: 'completion', source: 'src/shell/commands/completion.ts', limitBytes: 48_000, packages: [] },
  { name: 'refusing', source: 'src/refusing.ts', limitBytes: 24_000, packages: [] },
  { name: 'eras', source: 'src/eras/eras.ts', limitBytes: 128_000, packages: [] },
  { name: 'handshakes', source: 'src/remote/handshakes.ts', limitBytes: 16_000, packages: ['env-paths'] },
  { name: 'help', source: 'src/options/help.ts', limitBytes: 48_000, packages: [] },
  { name: 'unexpected', source: 'src/options/unexpected.ts', limitBytes: 16_000, packages: [] },
  { name: 'further-options', source: 'src/options/further-options.ts', limitBytes: 56_000, packages: [] },
  { name: 'http-sse', source: 'src/remote/http-sse.ts', limitBytes: 48_000, packages: [] },
]
