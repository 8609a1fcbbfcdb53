// The sentence for JSON on the command line that has not arrived as it was written: PowerShell and cmd eat its quotes, and
// launchers cut it at its blanks (users.md 44). Never shows it: it may hold a secret.

/** What is wrong, and which plain flag says the same. */
export function brokenJson(from: string): [what: string, instead: string] {
  const instead = /metadata/i.test(from)
    ? 'for a scope write --scope'
    : 'write --client-id <id>, and --client-secret-env <VAR> for its secret'
  return [
    `${from} is no JSON as it arrives: PowerShell and some launchers take its quotes or cut it at blanks`,
    `${instead}, or put the JSON into a file and write @ and its path`,
  ]
}
