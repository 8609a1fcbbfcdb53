// `completion`: help, data only.
import type { ToolPage } from './tool-flags.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

export const COMPLETION_PAGES = {
  completion: {
    does: `Prints the script that makes a shell complete our commands, options and their values. It is for an mcp-ferry that
the shell finds by that name: npm install --global mcp-ferry.`,
    usage: 'completion bash|zsh|fish|powershell',
    examples: ['completion bash'],
    flags: [],
    exits: `Where the script goes (make the folder first, with mkdir -p, where there is none yet):
  bash        mcp-ferry completion bash > ~/.local/share/bash-completion/completions/mcp-ferry
  zsh         mcp-ferry completion zsh > "\${fpath[1]}/_mcp-ferry"
  fish        mcp-ferry completion fish > ~/.config/fish/completions/mcp-ferry.fish
  powershell  mcp-ferry completion powershell >> $PROFILE

Exit codes:
  0  done
  2  there is no such shell
`,
  },
} as const satisfies Readonly<Record<string, ToolPage>>
