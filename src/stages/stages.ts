// Which stages these Options call for, in which order: the only list. Loaded only where there is one. A stage that throws
// fails closed: nothing passes it unchanged because of a defect. architecture.md 4.
import { toBridgeError } from '../errors.ts'
import type { Sink, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { refusal } from '../message/message.ts'
import type { Options } from '../options/options.ts'
import { createCatalogue } from './catalogue.ts'
import { createDeadlines } from './deadlines.ts'
import { createDescriptions } from './descriptions.ts'
import { createFilter } from './filter.ts'
import { createFixed } from './fixed.ts'
import { createRename } from './rename.ts'
import { createSchema } from './schema.ts'

/** The first is nearest to the host. */
export function createStages({ limits, shaping = {} }: Options, log: Log): Stage[] {
  const { rename, schema, fixed, descriptions, filter } = shaping
  const catalogue = createCatalogue(log)
  const deadlines = limits.requestTimeoutMs > 0 ? [createDeadlines(limits.requestTimeoutMs, log)] : []
  const stages = [
    ...(rename ? [createRename(rename, catalogue, log)] : []),
    ...(schema ? [createSchema(schema, catalogue, log)] : []),
    ...(fixed ? [createFixed(fixed, catalogue, log)] : []),
    ...(descriptions ? [createDescriptions(descriptions, catalogue, log)] : []),
    ...(filter ? [createFilter(filter, catalogue, log)] : []),
  ]
  if (stages.length > 0) stages.push(catalogue.stage)
  return [...deadlines, ...stages.map((stage) => guarded(stage, log))]
}

/** Exported for its test. */
export function guarded(stage: Stage, log: Log): Stage {
  return (next) => {
    const lane = stage(next)
    const guard =
      (sink: Sink, onward: Sink, back: Sink): Sink =>
      (envelope) => {
        try {
          sink(envelope)
        } catch (thrown) {
          const error = toBridgeError(thrown)
          log.error(error.message)
          if (envelope.kind === 'notification' || envelope.id === undefined) return
          // A question is answered in the place of whoever does not get it, an answer is replaced.
          const answer = envelope.kind === 'request' ? back : onward
          answer(refusal(envelope.id, error))
        }
      }
    return {
      toRemote: guard(lane.toRemote, next.toRemote, next.toHost),
      toHost: guard(lane.toHost, next.toHost, next.toRemote),
    }
  }
}
