// A registry with one package, the packed tarball: what npx fetches it from, as it would from the real one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RawServer, startRawServer } from '../fixtures/servers/raw-server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Packed {
  readonly name: string
  readonly version: string
  readonly filename: string
  readonly integrity: string
  readonly shasum: string
}

export const PACKED: Packed = JSON.parse(readFileSync(join(root, '.cache/pack.json'), 'utf8'))
const TARBALL = join(root, '.cache', PACKED.filename)

export async function registry(): Promise<RawServer> {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >
  const { name, version, filename, integrity, shasum } = PACKED
  const server: RawServer = await startRawServer((x) => {
    const [, wanted] = x.url.split('/')
    if (wanted === filename)
      return x.reply(200, readFileSync(TARBALL), { 'Content-Type': 'application/octet-stream' })
    if (wanted !== name) return x.reply(404, '{"error":"Not found"}')
    const dist = { tarball: `${server.origin}/${filename}`, integrity, shasum }
    const manifest = { name, version, bin: own.bin, engines: own.engines, dist }
    x.reply(
      200,
      JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: manifest } }),
    )
  })
  return server
}
