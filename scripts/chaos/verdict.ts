// What the run has shown: the host's record of each request against the remote's own ledger. Pure, so that the checker
// itself can be checked. A lie is an answer that the remote's ledger contradicts. protocol.md 0.1, 0.5, 0.8.

export interface Answer {
  /** `question`: the remote wants to know something first, and the host asks again with the answer. */
  readonly kind: 'result' | 'error' | 'question'
  /** Whose answer it says it is, where it says so. */
  readonly key: string | undefined
  /** For errors: made by the bridge itself. */
  readonly isOwn: boolean
  readonly errorKind: string
  readonly maybeDelivered: boolean | undefined
}

export interface Asked {
  readonly key: string
  readonly method: string
  readonly isCancelled: boolean
  readonly answers: readonly Answer[]
  /** The bridge may answer it itself, and then the answer is nobody's. */
  readonly isOwn?: boolean
}

export interface Evidence {
  readonly asked: readonly Asked[]
  /** Key of a tools/call → how often the remote executed it. */
  readonly executions: ReadonlyMap<string, number>
  /** Key and round of a call that asked the host first → how often the remote had it. */
  readonly rounds: ReadonlyMap<string, number>
  /** What a subscription was told that it had not asked for, or before it was acknowledged. */
  readonly strayChanges: number
  /** Lines that are no JSON-RPC message, answers to what nobody asked, words of the other era. */
  readonly strayLines: readonly string[]
  /** Answers of the host that came to another question of the remote's than they were given to. */
  readonly questionsMixedUp: number
  /** Questions under an id that the host was still working on. */
  readonly questionIdsReused: number
}

export interface Verdict {
  readonly requests: number
  readonly cancelled: number
  readonly results: number
  readonly questions: number
  /** By kind, the remote's own by their words. */
  readonly errors: ReadonlyMap<string, number>
  readonly answeredTwice: readonly string[]
  readonly neverAnswered: readonly string[]
  readonly ranTwice: readonly string[]
  /** Sentences, each with its request. */
  readonly lies: readonly string[]
}

export function judge(evidence: Evidence): Verdict {
  const { asked, executions } = evidence
  const answers = asked.flatMap((each) => each.answers)
  const errors = new Map<string, number>()
  for (const { kind, isOwn, errorKind } of answers) {
    if (kind !== 'error') continue
    const name = isOwn ? errorKind : `remote's "${errorKind}"`
    errors.set(name, (errors.get(name) ?? 0) + 1)
  }
  const nameOf = ({ key, method }: Asked): string => `${key} (${method})`
  return {
    requests: asked.length,
    cancelled: asked.filter(({ isCancelled }) => isCancelled).length,
    results: answers.filter(({ kind }) => kind === 'result').length,
    questions: answers.filter(({ kind }) => kind === 'question').length,
    errors,
    answeredTwice: asked.filter((each) => each.answers.length > 1).map(nameOf),
    neverAnswered: asked.filter((each) => !isAnswered(each) && !each.isCancelled).map(nameOf),
    ranTwice: [...executions, ...evidence.rounds]
      .filter(([, count]) => count > 1)
      .map(([key, count]) => `${key} (${count} times)`),
    lies: [
      ...asked.flatMap((each) => each.answers.flatMap((answer) => lieIn(each, answer, executions))),
      ...evidence.strayLines.map(
        (line) => `a line that answers nothing or is no message of this host's: ${line}`,
      ),
      ...counted(evidence.strayChanges, 'changes that were told where nobody had asked for them'),
      ...counted(evidence.questionsMixedUp, "answers that came to another of the remote's questions"),
      ...counted(evidence.questionIdsReused, 'questions under an id that was in use'),
    ],
  }
}

/** What is answered only because the bridge was shut down would never have been answered. */
function isAnswered({ answers }: Asked): boolean {
  return answers.some(({ isOwn, errorKind }) => !(isOwn && errorKind === 'shutdown'))
}

function lieIn(asked: Asked, answer: Answer, executions: ReadonlyMap<string, number>): string[] {
  const name = `${asked.key} (${asked.method})`
  const runs = executions.get(asked.key) ?? 0
  const isCall = asked.method === 'tools/call'
  const isNobodys = answer.key === undefined
  if (answer.kind === 'question')
    return isNobodys || answer.key === asked.key ? [] : [`${name} was asked for ${answer.key}`]
  if (answer.kind === 'result' && isNobodys && asked.isOwn === true) return []
  if (answer.kind === 'result' || (!answer.isOwn && answer.key !== undefined)) {
    if (answer.key !== asked.key) return [`${name} was given the answer of ${answer.key ?? 'nobody'}`]
    return isCall && runs === 0 ? [`${name} was given a result and never ran`] : []
  }
  // An error that does not say that it may have run says that it has not; the remote's own refusals say so too.
  const saysNotRun = answer.isOwn ? answer.maybeDelivered !== true : true
  const whose = answer.isOwn ? answer.errorKind : `the remote's "${answer.errorKind}"`
  return isCall && saysNotRun && runs > 0 ? [`${name} ran although its error (${whose}) says it did not`] : []
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`]
}
