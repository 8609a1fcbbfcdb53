// What a quiet bridge holds, as the tests of the soak's report and verdict have it.
import type { Lap } from '../../../scripts/soak/verdict.ts'

export const LAP: Lap = {
  heapBytes: 8e6,
  rssBytes: 60e6,
  bufferBytes: 10_000,
  objects: 9900,
  sockets: 4,
  timers: 1,
  listeners: 14,
  descriptors: 21,
  files: 2,
  fileBytes: 300,
}
