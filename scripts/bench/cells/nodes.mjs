// The same start on each line of Node, with the binaries that the tests use (scripts/nodes.mjs gets them by npm). A line
// that this machine cannot have is left out.
import { nodeBinary, SUPPORTED } from '../../nodes.mjs'
import { interleave, runOnce, withBridge } from '../rounds.mjs'
import { middle } from '../statistics.mjs'

const lineOf = (version) => version.split('.')[0]
// The newest of each line.
const versions = [...new Map(SUPPORTED.map((version) => [lineOf(version), version])).values()]

async function run(cell) {
  if (cell.quick) return
  for (const version of versions) {
    const node = await nodeBinary(version).catch(() => undefined)
    if (node === undefined) continue
    const by = (target) => ({ ...target, node })
    await runOnce(cell.targets.map(by), cell.url)
    const onNode = (target) =>
      withBridge(by(target), cell.url, async (bridge) => {
        const { initializeMs } = await bridge.handshake()
        cell.note(target, { [version]: initializeMs })
      })
    await interleave(cell, 9, onNode, version)
  }
}

export const nodes = {
  name: 'nodes',
  title: 'Start on each Node',
  seconds: [60, 0],
  run,
  rows: versions.map((version) => ({
    part: version,
    label: `Node ${version}: start → initialize answer, ms`,
    of: middle(version),
  })),
}
