// The timetable API as the MCP server sees it. It has no key of its own: each request carries the key of whoever asks, so
// that the API decides what they may do.
import { Refusal } from './service.ts'

export interface Timetable {
  /** The name of who has this key. */
  whoHas(key: string): Promise<string>
  get(path: string, key: string): Promise<Record<string, unknown>>
  post(path: string, key: string, body: unknown): Promise<Record<string, unknown>>
  /** Whether anything answers there. */
  isUp(): Promise<boolean>
}

const TIMEOUT_MS = 10_000

export function timetableAt(base: string): Timetable {
  async function ask(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(new URL(path, base), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
    } catch {
      throw new Refusal(502, 'The timetable API cannot be reached')
    }
  }

  async function json(path: string, key: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
    const headers = { 'Content-Type': 'application/json', Authorization: `Api-Key ${key}` }
    const response = await ask(path, { ...init, headers })
    const value = (await response.json().catch(() => ({}))) as Record<string, unknown>
    if (response.ok) return value
    throw new Refusal(response.status, String(value.error ?? `The timetable API says ${response.status}`))
  }

  return {
    whoHas: async (key) => String((await json('me', key)).name),
    get: (path, key) => json(path, key),
    post: (path, key, body) => json(path, key, { method: 'POST', body: JSON.stringify(body) }),
    // Without a key it says 401, which is a sign of life as well.
    isUp: () =>
      ask('me', {}).then(
        ({ status }) => status < 500,
        () => false,
      ),
  }
}
