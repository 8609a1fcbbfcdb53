// The system's own keychain through the system's own tools: `security` on macOS, `secret-tool` on Linux, PowerShell on
// Windows. Run without a shell; a secret goes through stdin, never through argv, which every process may read.
// protocol.md G.1 row 33.
import spawn from 'cross-spawn'
import type { BridgeError } from '../../errors.ts'
import { programFor } from '../program-path.ts'
import { systemTool } from '../system-tool.ts'
import { codeOf, failed } from './store-errors.ts'

export interface KeychainSettings {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What there is for who has no keychain, for the sentences; `--store file` if nothing is said. */
  readonly instead?: string
}

/** By what the keychain knows a secret. */
export interface Entry {
  readonly service: string
  readonly account: string
}

/** Somebody may have to unlock it. */
const LONGEST_RUN_MS = 2 * 60_000
const OUTPUT_LIMIT_BYTES = 1024 * 1024
const POWERSHELL = 'WindowsPowerShell\\v1.0\\powershell.exe'
const ITEM_NOT_FOUND = 44

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The value that somebody has put there by hand. Rejects if there is none. */
export async function readKeychain(entry: Entry, settings: KeychainSettings): Promise<string> {
  const value = await readEntry(entry, settings)
  if (value !== undefined) return value
  const { service, account } = entry
  throw failed(`there is no keychain:${service}/${account}: ${howToPut(entry, settings.platform)}`)
}

function howToPut({ service, account }: Entry, platform: string): string {
  if (platform === 'darwin')
    return `put it there with security add-generic-password -s '${service}' -a '${account}' -w`
  if (platform === 'win32')
    return 'put it there as a web credential, in the Credential Manager of the control panel'
  return `put it there with secret-tool store --label='${service}' service '${service}' account '${account}'`
}

/** Undefined if there is none. */
export async function readEntry(
  { service, account }: Entry,
  settings: KeychainSettings,
): Promise<string | undefined> {
  const { platform } = settings
  if (platform === 'darwin') {
    const args = ['find-generic-password', '-s', service, '-a', account, '-w']
    const run = await runTool({ tool: 'security', args }, settings)
    if (run.code === ITEM_NOT_FOUND) return undefined
    // What is not ASCII it prints in hexadecimal digits, which look like any other value and stay as they are.
    return succeeded(run, settings).stdout.replace(/\n$/, '')
  }
  if (platform === 'win32') {
    const input = [service, account].map((text) => Buffer.from(text).toString('base64')).join(' ')
    const { stdout } = await runScript(READ_CREDENTIAL, input, settings)
    return stdout === '' ? undefined : Buffer.from(stdout, 'base64').toString()
  }
  const args = ['lookup', 'service', service, 'account', account]
  const run = await runTool({ tool: 'secret-tool', args }, settings)
  if (run.code === 1 && run.stderr.trim() === '') return undefined
  return succeeded(run, settings).stdout
}

/** Puts a value of letters, digits, `-` and `_` there; not on Windows, whose own way is `protect`. */
export async function writeEntry(entry: Entry, value: string, settings: KeychainSettings): Promise<void> {
  const { service, account } = entry
  const { platform } = settings
  if (platform === 'darwin') {
    // It reads a command from stdin, and says little of how it ended: what is there now is looked at.
    const input = `add-generic-password -U -s "${service}" -a "${account}" -w "${value}"\n`
    await runTool({ tool: 'security', args: ['-i'], input }, settings)
  } else {
    const args = ['store', `--label=${service}`, 'service', service, 'account', account]
    succeeded(await runTool({ tool: 'secret-tool', args, input: value }, settings), settings)
  }
  if ((await readEntry(entry, settings)) !== value)
    throw failed(`the keychain has not kept the sign-in: unlock it, or use ${insteadOf(settings)}`)
}

/** Also where there is none. */
export async function removeEntry({ service, account }: Entry, settings: KeychainSettings): Promise<void> {
  if (settings.platform === 'darwin') {
    const args = ['delete-generic-password', '-s', service, '-a', account]
    const run = await runTool({ tool: 'security', args }, settings)
    if (run.code !== ITEM_NOT_FOUND) succeeded(run, settings)
    return
  }
  const args = ['clear', 'service', service, 'account', account]
  const run = await runTool({ tool: 'secret-tool', args }, settings)
  if (run.code !== 1 || run.stderr.trim() !== '') succeeded(run, settings)
}

/** What only this user of this Windows can turn back (DPAPI). Base64. */
export async function protect(text: string, settings: KeychainSettings): Promise<string> {
  const input = Buffer.from(text).toString('base64')
  return (await runScript(PROTECT, input, settings)).stdout.trim()
}

export async function unprotect(sealed: string, settings: KeychainSettings): Promise<string> {
  const { stdout } = await runScript(UNPROTECT, sealed, settings)
  return Buffer.from(stdout, 'base64').toString()
}

// No double quotes in these: they would have to survive two readings of the command line.
const READ = '$text = [Console]::In.ReadToEnd().Trim();'
const dataProtection = (method: 'Protect' | 'Unprotect'): string =>
  `Add-Type -AssemblyName System.Security; ${READ} $bytes = [Security.Cryptography.ProtectedData]::${method}([Convert]::FromBase64String($text), $null, 'CurrentUser'); [Console]::Out.Write([Convert]::ToBase64String($bytes))`
const PROTECT = dataProtection('Protect')
const UNPROTECT = dataProtection('Unprotect')
const NOT_FOUND_HRESULT = -2147023728
const READ_CREDENTIAL = `${READ} $of = $text.Split(' ') | ForEach-Object { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($_)) }; [void][Windows.Security.Credentials.PasswordVault, Windows.Security.Credentials, ContentType = WindowsRuntime]; $vault = New-Object Windows.Security.Credentials.PasswordVault; try { $one = $vault.Retrieve($of[0], $of[1]) } catch { if ($_.Exception.HResult -eq ${NOT_FOUND_HRESULT} -or $_.Exception.InnerException.HResult -eq ${NOT_FOUND_HRESULT}) { exit 0 }; throw }; $one.RetrievePassword(); [Console]::Out.Write([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($one.Password)))`

async function runScript(body: string, input: string, settings: KeychainSettings): Promise<Run> {
  const command = `$ErrorActionPreference = 'Stop'; ${body}`
  const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', command]
  return succeeded(await runTool({ tool: POWERSHELL, args, input }, settings), settings)
}

function insteadOf({ instead = '--store file' }: KeychainSettings): string {
  return instead
}

function succeeded(run: Run, settings: KeychainSettings): Run {
  if (run.code === 0) return run
  const why = run.stderr
    .trim()
    .split(/[\r\n]/, 1)[0]!
    .slice(0, 200)
  const hint =
    settings.platform === 'linux'
      ? 'unlock it, start its service (gnome-keyring, KWallet or the like)'
      : 'unlock it'
  throw failed(
    `the keychain does not answer${why === '' ? '' : ` (${why})`}: ${hint}, or use ${insteadOf(settings)}`,
  )
}

interface Tool {
  readonly tool: string
  readonly args: readonly string[]
  /** For its stdin. */
  readonly input?: string
}

function runTool({ tool, args, input = '' }: Tool, settings: KeychainSettings): Promise<Run> {
  const { platform, env } = settings
  return new Promise((resolve, reject) => {
    const program = platform === 'win32' ? systemTool(tool, env) : programFor(tool, { env, windows: false })
    if (program === undefined) return reject(missing(tool, settings))
    const child = spawn(program, [...args], { env: { ...env }, stdio: 'pipe', windowsHide: true })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let bytes = 0
    const take = (chunks: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > OUTPUT_LIMIT_BYTES) child.kill('SIGKILL')
      else chunks.push(chunk)
    }
    child.stdout?.on('data', take(out))
    child.stderr?.on('data', take(err))
    // It may end without reading: its exit code says more.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN_MS)
    child.on('error', (thrown) => {
      clearTimeout(timer)
      reject(
        codeOf(thrown) === 'ENOENT'
          ? missing(tool, settings)
          : failed(`${tool} cannot be run (${codeOf(thrown)})`),
      )
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    })
  })
}

function missing(tool: string, settings: KeychainSettings): BridgeError {
  const { platform } = settings
  const why = `the keychain cannot be used, because there is no ${tool}`
  if (platform === 'win32') return failed(`${why} in the folder of Windows: use ${insteadOf(settings)}`)
  const install =
    platform === 'linux'
      ? 'install it (libsecret-tools on Debian and Ubuntu, libsecret on Fedora and Arch)'
      : 'put its folder on the PATH'
  return failed(`${why}: ${install}, or use ${insteadOf(settings)}`)
}
