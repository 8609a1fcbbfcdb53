// The environment that a program gets from its editor: some hand on their own, some a dozen variables of it, and each
// adds what the entry says. Pure. arguments.md 1.1, users.md 1 row 46.
import { lookUp } from '../../options/variables.ts'
import type { EditorName, System } from '../editors/editor.ts'

type Env = Readonly<Record<string, string | undefined>>

const SDK_WINDOWS =
  'APPDATA HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PROCESSOR_ARCHITECTURE SYSTEMDRIVE SYSTEMROOT TEMP USERNAME USERPROFILE PROGRAMFILES'
const SDK = 'HOME LOGNAME PATH SHELL TERM USER'
const CODEX_WINDOWS =
  'PATH PATHEXT COMSPEC SYSTEMROOT SYSTEMDRIVE USERNAME USERDOMAIN USERPROFILE HOMEDRIVE HOMEPATH PROGRAMFILES PROGRAMFILES(X86) PROGRAMW6432 PROGRAMDATA LOCALAPPDATA APPDATA TEMP TMP POWERSHELL PWSH'
const CODEX = 'HOME LOGNAME PATH SHELL USER __CF_USER_TEXT_ENCODING LANG LC_ALL TERM TMPDIR TZ'

/** The editors that hand on no more than a list; what of the others is known says that they hand on everything. */
const LISTS: Readonly<Partial<Record<EditorName, Readonly<Record<'windows' | 'other', string>>>>> = {
  cursor: { windows: SDK_WINDOWS, other: SDK },
  'claude-desktop': { windows: SDK_WINDOWS, other: SDK },
  generic: { windows: SDK_WINDOWS, other: SDK },
  codex: { windows: CODEX_WINDOWS, other: CODEX },
}

export interface Passing {
  readonly editor: EditorName
  readonly system: System
  /** Of the editor; here that of this terminal stands for it. */
  readonly own: Env
  readonly forwarded: readonly string[]
  /** Of the entry, filled in. */
  readonly added: Readonly<Record<string, string>>
}

export function passedEnvironment({
  editor,
  system,
  own,
  forwarded,
  added,
}: Passing): Record<string, string> {
  const windows = system === 'windows'
  const list = LISTS[editor]?.[windows ? 'windows' : 'other'].split(' ')
  const names = list === undefined ? Object.keys(own) : [...list, ...forwarded]
  const passed: Record<string, string> = {}
  for (const name of names) {
    const value = lookUp(name, { values: own, windows })
    // Functions that bash exports.
    if (value !== undefined && !value.startsWith('()')) passed[name] = value
  }
  if (windows)
    for (const name of Object.keys(added))
      for (const known of Object.keys(passed))
        if (known.toLowerCase() === name.toLowerCase()) delete passed[known]
  return { ...passed, ...added }
}
