// Tokens by their looks: what in a text for people must be one. Pure. protocol.md 0.8.

// MY_VAR is what our own sentences advise to write.
// What is looked back for is bounded, or a long blank would be gone through at each of its places.
const LOOKS = [
  /\beyJ[\w-]{5,}(?:\.[\w-]*)*/g,
  /\b(?:gh[a-z]_|github_pat_|sk[-_]|pk_|xox[a-z]-|glpat-|hf_|npm_|ya29\.|AKIA|hvs\.)[\w.-]{6,}/g,
  /(?<=(?:token|secret|password|passwd|api[-_]?key|authorization)["']?\s{0,40}[:=]\s{0,40}["']?)(?!\[redacted\]|MY_VAR\b)(?:bearer\s+)?[^\s"',;]{6,}/gi,
  // Long, of letters and digits mixed, and no path.
  /(?<![\w+/=.~-])(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}(?![\w+/.~-])/g,
]

/** The text without what looks like a token. */
export function withoutTokens(text: string): string {
  return LOOKS.reduce((rest, look) => rest.replace(look, '[redacted]'), text)
}
