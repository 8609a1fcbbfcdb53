// Where accounts are kept. protocol.md G.1 row 33.
import type { Stop } from '../../remote/stop.ts'
import type { Account } from './account.ts'

/** The account of one server and profile. */
export interface Store {
  /** Undefined if there is none. Rejects with BridgeError `auth-failed` if it is there and must not be used. */
  read(): Promise<Account | undefined>
  /**
   * Reads, changes and writes as one step, across processes; resolves with what is kept then. `undefined` removes it.
   * Rejects with BridgeError `auth-failed` if it cannot be written.
   */
  change(edit: (account: Account | undefined) => Account | undefined): Promise<Account | undefined>
  /**
   * Runs `work` while no other process runs one under the same name for this account. An owner that has died is
   * succeeded at once. Rejects with the reason of `stop` when that comes while it waits.
   */
  alone<T>(name: 'refresh' | 'sign-in', stop: Stop, work: () => Promise<T>): Promise<T>
}
