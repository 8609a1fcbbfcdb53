// Which texts may stand in an entry as an argument, and which names a variable of its `env` may have. arguments.md 1.1, 6.
import { usage } from '../../errors.ts'
import { FLAGS } from '../../options/flag-list.ts'
import { URL_VARIABLE } from '../../options/flags.ts'

/** No blank, no quote, no character that a shell or a launcher reads. */
const SAFE = /^[A-Za-z0-9_@%+=:,./~#?-]+$/
/** An option, and what PowerShell reads at the start of a word. */
const SPECIAL_START = /^[-@#~]/

/** Whether an argument arrives as it is, however the program is started. */
export function isSafeArgument(text: string): boolean {
  // cmd.exe fills in %NAME%, and what is between two % may be a name.
  return SAFE.test(text) && !/%[^%]*%/.test(text)
}

/** The same for what stands behind a flag. */
export function isSafeValue(text: string): boolean {
  // Behind a flag that takes no URL one is read as the remote's.
  return isSafeArgument(text) && !SPECIAL_START.test(text) && !/^https?:\/\//i.test(text)
}

/** What the system, Node, npm or the editor itself goes by, and what editors give each server. */
const TAKEN = new Set(
  (
    'PATH PATHEXT HOME HOMEDRIVE HOMEPATH USER USERNAME USERPROFILE LOGNAME SHELL TERM LANG TZ PWD TMPDIR TEMP TMP ' +
    'APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROCESSOR_ARCHITECTURE SYSTEMDRIVE SYSTEMROOT WINDIR COMSPEC ' +
    'OS HOSTNAME COMPUTERNAME DISPLAY ELECTRON_RUN_AS_NODE HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY ' +
    'SSL_CERT_FILE SSL_CERT_DIR OPENSSL_CONF MCP_FERRY_CONFIG_DIR'
  ).split(' '),
)
const OURS = new Set([URL_VARIABLE, ...FLAGS.flatMap(({ env }) => env ?? [])].map(String))

/** Whether the variable is one that others go by: it is there anyway, and must keep its value. */
export function isTaken(variable: string): boolean {
  const name = variable.toUpperCase()
  return TAKEN.has(name) || /^(?:NODE_|NPM_|LD_|DYLD_|LC_|XDG_|VSCODE_)/.test(name)
}

/** Throws BridgeError `usage`, code `unsafe-value`, if the entry cannot give this variable a value of its own. */
export function checkVariable(variable: string): void {
  const isOurs = OURS.has(variable.toUpperCase())
  if (!isOurs && !isTaken(variable)) return
  const whose = isOurs ? 'mcp-ferry itself reads' : 'the system and other programs go by'
  throw usage(
    'unsafe-value',
    `${variable} is a variable that ${whose}, and an entry that sets it would change more than this; give it a name of its own`,
  )
}
