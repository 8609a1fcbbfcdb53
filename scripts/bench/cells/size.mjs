// What a user's machine has to fetch, hold and read: bytes of files, not measurements.
import { middle } from '../statistics.mjs'

async function run(cell) {
  for (const target of cell.targets) if (target.size) cell.note(target, target.size())
}

export const size = {
  name: 'size',
  title: 'Size',
  seconds: [1, 1],
  twin: false,
  run,
  rows: [
    {
      label: 'the file that each start reads, bytes',
      of: middle('hotBytes'),
      digits: 0,
      limits: [{ below: 128_000 }],
    },
    { label: 'the tarball, bytes', of: middle('tarballBytes'), digits: 0, limits: [{ below: 400_000 }] },
    {
      id: 'dependencies',
      label: 'packages that it depends on',
      of: middle('dependencies'),
      digits: 0,
      plain: true,
      limits: [{ most: 0 }],
    },
    { id: 'size', label: 'installed, MB', of: middle('mb') },
  ],
}
