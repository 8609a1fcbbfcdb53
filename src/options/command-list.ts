// The commands, each in a line: for `--help`, and for the completion of shells. Data only, in the order they are told in.
import type { COMMANDS } from './command-names.ts'

interface Listed {
  readonly usage: string
  readonly does: string
}

export const COMMAND_LIST: Readonly<Record<(typeof COMMANDS)[number], Listed>> = {
  tools: { usage: 'tools <url>', does: 'the tools of a server; also resources, templates and prompts' },
  resources: { usage: 'resources <url>', does: 'the resources of a server' },
  templates: { usage: 'templates <url>', does: 'the resource templates of a server' },
  prompts: { usage: 'prompts <url>', does: 'the prompts of a server' },
  call: { usage: 'call <url> <tool> [name=value ...]', does: 'call a tool' },
  read: { usage: 'read <url> <uri>', does: 'read a resource' },
  prompt: { usage: 'prompt <url> <name> [name=value ...]', does: 'get a prompt' },
  complete: { usage: 'complete <url> ...', does: 'what a server proposes for an argument' },
  ping: { usage: 'ping <url>', does: 'how long the server takes to answer' },
  watch: { usage: 'watch <url>', does: 'print notifications as they come' },
  doctor: {
    usage: 'doctor <url>',
    does: 'find out why it does not work; or --editor <editor>, to check its config',
  },
  config: {
    usage: 'config <editor> <name> <url>',
    does: "the entry for your editor's config; --write puts it there",
  },
  login: { usage: 'login <url>', does: 'sign in now, by hand' },
  logout: { usage: 'logout <url>', does: 'forget a sign-in, and have its tokens revoked' },
  status: { usage: 'status [url]', does: 'who is signed in where, until when' },
  trace: { usage: 'trace show|replay <file>', does: 'read what --trace has written, or send it again' },
  completion: {
    usage: 'completion bash|zsh|fish|powershell',
    does: 'the script that makes a shell complete all this',
  },
  demo: { usage: 'demo', does: 'see it work, without a remote server' },
  help: { usage: 'help [command]', does: 'print this text, or that of a command' },
}
