// A registry of packages on this machine, so that npx fetches all that are compared from the same place, at no distance:
// mcp-ferry as it was just packed, the peers with just those versions of their dependencies that npm chose. Each
// package that is compared has a shelf of its own (a path of the URL), on which lies what it needs and nothing else.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'

export const integrityOf = (file) =>
  `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`

// The package.json of a tarball that npm has packed; it is the first file of its kind in there.
export function manifestIn(tarball) {
  const archive = gunzipSync(readFileSync(tarball))
  for (let at = 0; at < archive.length; ) {
    const name = archive.toString('latin1', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0
    if (name === 'package/package.json')
      return JSON.parse(archive.toString('utf8', at + 512, at + 512 + size))
    at += 512 + Math.ceil(size / 512) * 512
  }
  throw new Error('no package.json in the tarball')
}

// What npm asks for first: all versions of a package that there are, and where each one's tarball lies.
function describe(shelfUrl, packages, name) {
  const versions = packages.filter(({ manifest }) => manifest.name === name)
  if (versions.length === 0) return undefined
  const entries = versions.map((one) => {
    const tarball = `${shelfUrl}/-/${packages.indexOf(one)}.tgz`
    return [one.manifest.version, { ...one.manifest, dist: { tarball, integrity: one.integrity } }]
  })
  return { name, 'dist-tags': { latest: entries[0][0] }, versions: Object.fromEntries(entries) }
}

// `shelves`: name → packages, each { manifest, integrity, file }. Gives the URL, below which the shelves are, and an end.
export async function openRegistry(shelves) {
  const server = createServer((request, response) => {
    const [, shelf, ...rest] = request.url.split('/').map(decodeURIComponent)
    const packages = shelves.get(shelf) ?? []
    const [, at] = /^-\/(\d+)\.tgz$/.exec(rest.join('/')) ?? []
    if (at !== undefined && packages[at]) return response.end(readFileSync(packages[at].file))
    const found = describe(
      `http://${request.headers.host}/${encodeURIComponent(shelf)}`,
      packages,
      rest.join('/'),
    )
    if (found === undefined) return response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
