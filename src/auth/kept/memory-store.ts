// An account that ends with the process: nothing of it touches the disk. protocol.md G.1 row 33.
import type { Log } from '../../log.ts'
import { offStop, onStop, type Stop } from '../../remote/stop.ts'
import type { Account } from './account.ts'
import { hideSecrets } from './account-shape.ts'
import type { Store } from './store.ts'

export function createMemoryStore(log: Log): Store {
  let account: Account | undefined
  const change: Store['change'] = async (edit) => {
    account = edit(account)
    if (account !== undefined) hideSecrets(account, log)
    return account
  }
  const queues = new Map<string, Promise<void>>()
  return {
    async read() {
      return account
    },
    change,
    async hold(edit) {
      await change(edit)
    },
    async alone(name, stop, work) {
      const before = queues.get(name) ?? Promise.resolve()
      let leave = (): void => {}
      const left = new Promise<void>((resolve) => {
        leave = resolve
      })
      // Who gives up waiting leaves its place, but lets nobody in before those ahead.
      queues.set(name, Promise.all([before, left]).then(noValue))
      try {
        await orStopped(before, stop)
        return await work()
      } finally {
        leave()
      }
    },
  }
}

function orStopped(turn: Promise<void>, stop: Stop): Promise<void> {
  return new Promise((resolve, reject) => {
    onStop(stop, reject)
    void turn.then(() => {
      offStop(stop, reject)
      resolve()
    })
  })
}

function noValue(): void {}
