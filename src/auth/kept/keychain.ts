// The system's own keychain through the system's own tools: `security` on macOS, `secret-tool` on Linux, PowerShell on
// Windows. Run without a shell; a secret goes through stdin, never through argv, which every process may read.
// protocol.md G.1 row 33.
import spawn from 'cross-spawn'
import type { BridgeError } from '../../errors.ts'
import { systemTool } from '../system-tool.ts'
import { codeOf, failed } from './store-errors.ts'

export interface KeychainSettings {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Somebody may have to unlock it. */
const LONGEST_RUN_MS = 2 * 60_000
const OUTPUT_LIMIT_BYTES = 1024 * 1024
const POWERSHELL = 'WindowsPowerShell\\v1.0\\powershell.exe'
const ITEM_NOT_FOUND = 44
const INSTEAD = 'or use --store file'

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The value that somebody has put there by hand. Rejects if there is none. */
export async function readKeychain(
  service: string,
  account: string,
  settings: KeychainSettings,
): Promise<string> {
  const value = await readEntry(service, account, settings)
  if (value === undefined)
    throw failed(
      `there is no keychain:${service}/${account}: ${howToPut(service, account, settings.platform)}`,
    )
  return value
}

function howToPut(service: string, account: string, platform: string): string {
  if (platform === 'darwin')
    return `put it there with security add-generic-password -s '${service}' -a '${account}' -w`
  if (platform === 'win32')
    return 'put it there as a web credential, in the Credential Manager of the control panel'
  return `put it there with secret-tool store --label='${service}' service '${service}' account '${account}'`
}

/** Undefined if there is none. */
export async function readEntry(
  service: string,
  account: string,
  settings: KeychainSettings,
): Promise<string | undefined> {
  const { platform } = settings
  if (platform === 'darwin') {
    const run = await runTool(
      'security',
      ['find-generic-password', '-s', service, '-a', account, '-w'],
      '',
      settings,
    )
    if (run.code === ITEM_NOT_FOUND) return undefined
    // What is not ASCII it prints in hexadecimal digits, which look like any other value and stay as they are.
    return succeeded(run, platform).stdout.replace(/\n$/, '')
  }
  if (platform === 'win32') {
    const input = [service, account].map((text) => Buffer.from(text).toString('base64')).join(' ')
    const { stdout } = succeeded(
      await runTool(POWERSHELL, script(READ_CREDENTIAL), input, settings),
      platform,
    )
    return stdout === '' ? undefined : Buffer.from(stdout, 'base64').toString()
  }
  const run = await runTool('secret-tool', ['lookup', 'service', service, 'account', account], '', settings)
  if (run.code === 1 && run.stderr.trim() === '') return undefined
  return succeeded(run, platform).stdout
}

/** Puts a value of letters, digits, `-` and `_` there; not on Windows, whose own way is `protect`. */
export async function writeEntry(
  service: string,
  account: string,
  value: string,
  settings: KeychainSettings,
): Promise<void> {
  const { platform } = settings
  if (platform === 'darwin') {
    // It reads a command from stdin, and says little of how it ended: what is there now is looked at.
    await runTool(
      'security',
      ['-i'],
      `add-generic-password -U -s "${service}" -a "${account}" -w "${value}"\n`,
      settings,
    )
  } else {
    const args = ['store', `--label=${service}`, 'service', service, 'account', account]
    succeeded(await runTool('secret-tool', args, value, settings), platform)
  }
  if ((await readEntry(service, account, settings)) !== value)
    throw failed(`the keychain has not kept the sign-in: unlock it, ${INSTEAD}`)
}

/** Also where there is none. */
export async function removeEntry(
  service: string,
  account: string,
  settings: KeychainSettings,
): Promise<void> {
  if (settings.platform === 'darwin') {
    const run = await runTool(
      'security',
      ['delete-generic-password', '-s', service, '-a', account],
      '',
      settings,
    )
    if (run.code !== ITEM_NOT_FOUND) succeeded(run, settings.platform)
    return
  }
  const run = await runTool('secret-tool', ['clear', 'service', service, 'account', account], '', settings)
  if (run.code !== 1 || run.stderr.trim() !== '') succeeded(run, settings.platform)
}

/** What only this user of this Windows can turn back (DPAPI). Base64. */
export async function protect(text: string, settings: KeychainSettings): Promise<string> {
  const input = Buffer.from(text).toString('base64')
  return succeeded(await runTool(POWERSHELL, script(PROTECT), input, settings), 'win32').stdout.trim()
}

export async function unprotect(sealed: string, settings: KeychainSettings): Promise<string> {
  const { stdout } = succeeded(await runTool(POWERSHELL, script(UNPROTECT), sealed, settings), 'win32')
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

function script(body: string): readonly string[] {
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', `$ErrorActionPreference = 'Stop'; ${body}`]
}

function succeeded(run: Run, platform: string): Run {
  if (run.code === 0) return run
  const why = run.stderr
    .trim()
    .split(/[\r\n]/, 1)[0]!
    .slice(0, 200)
  const hint =
    platform === 'linux' ? 'unlock it, start its service (gnome-keyring, KWallet or the like)' : 'unlock it'
  throw failed(`the keychain does not answer${why === '' ? '' : ` (${why})`}: ${hint}, ${INSTEAD}`)
}

function runTool(
  tool: string,
  args: readonly string[],
  input: string,
  { platform, env }: KeychainSettings,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const program = platform === 'win32' ? systemTool(tool, env) : tool
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
          ? missing(tool, platform)
          : failed(`${tool} cannot be run (${codeOf(thrown)})`),
      )
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    })
  })
}

function missing(tool: string, platform: string): BridgeError {
  const why = `the keychain cannot be used, because there is no ${tool}`
  if (platform === 'win32') return failed(`${why} in the folder of Windows: use --store file`)
  const install =
    platform === 'linux'
      ? 'install it (libsecret-tools on Debian and Ubuntu, libsecret on Fedora and Arch)'
      : 'put its folder on the PATH'
  return failed(`${why}: ${install}, ${INSTEAD}`)
}
