// Where accounts are kept. protocol.md G.1 row 33.
import type { Stop } from '../../remote/stop.ts'
import type { Account } from './account.ts'

/** What becomes of an account; `undefined` is none. */
export type Edit = (account: Account | undefined) => Account | undefined

/** The account of one server and profile. */
export interface Store {
  /** Undefined if there is none. Rejects with BridgeError `auth-failed` if it is there and must not be used. */
  read(): Promise<Account | undefined>
  /**
   * Reads, changes and writes as one step, across processes; resolves with what is kept then. `undefined` removes it.
   * Rejects with BridgeError `auth-failed` if it cannot be written.
   */
  change(edit: Edit): Promise<Account | undefined>
  /** For a change that could not be written: `read` gives it, and the next one writes it, until somebody else has got tokens. */
  hold(edit: Edit): Promise<void>
  /**
   * Runs `work` while no other process runs one under the same name for this account. An owner that has died is
   * succeeded at once. Rejects with the reason of `stop` when that comes while it waits.
   */
  alone<T>(name: 'refresh' | 'sign-in', stop: Stop, work: () => Promise<T>): Promise<T>
}
