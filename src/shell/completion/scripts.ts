// The scripts by which shells complete our command lines, one function for each shell. They ask nothing of the program: what
// may stand where is written into them, so that a key costs nothing.
import type { Shell } from '../../options/completion-help.ts'
import type { Grammar, GrammarOption, Value } from './grammar.ts'

export const SCRIPTS: Readonly<Record<Shell, (grammar: Grammar) => string>> = { bash, zsh, fish, powershell }

interface Valued {
  readonly names: readonly string[]
  readonly value: Value
}

/** Options that take a value, those with the same value together. A name means the same to every command that has it. */
function valued({ options }: Grammar): Valued[] {
  const found = new Map<string, { names: Set<string>; value: Value }>()
  for (const { name, short, value } of [...options.values()].flat()) {
    if (value === undefined) continue
    const key = JSON.stringify(value)
    const entry = found.get(key) ?? { names: new Set<string>(), value }
    for (const each of [name, ...(short === undefined ? [] : [short])]) entry.names.add(each)
    found.set(key, entry)
  }
  return [...found.values()].map(({ names, value }) => ({ names: [...names], value }))
}

interface Bundle {
  readonly commands: readonly string[]
  readonly options: readonly GrammarOption[]
}

/** Options that the same commands have, together: each is written once. */
function bundles({ options }: Grammar): Bundle[] {
  const owners = new Map<string, { option: GrammarOption; commands: string[] }>()
  for (const [command, list] of options)
    for (const option of list) {
      const owner = owners.get(JSON.stringify(option))
      if (owner === undefined) owners.set(JSON.stringify(option), { option, commands: [command] })
      else if (!owner.commands.includes(command)) owner.commands.push(command)
    }
  const found = new Map<string, { commands: string[]; options: GrammarOption[] }>()
  for (const { option, commands } of owners.values()) {
    const bundle = found.get(commands.join(' '))
    if (bundle === undefined) found.set(commands.join(' '), { commands, options: [option] })
    else bundle.options.push(option)
  }
  return [...found.values()]
}

const namesOf = (options: readonly GrammarOption[]): string[] =>
  options.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]))

/** As bash itself does it, which knows of blanks in names; old ones cannot be told to. */
const BASH_FILES = 'compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$cur"))'

function bash(grammar: Grammar): string {
  const commands = grammar.commands.map(({ name }) => name)
  const values = valued(grammar).map(({ names, value }) => {
    const reply =
      value.kind === 'choice'
        ? `COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$cur"))`
        : value.kind === 'path'
          ? BASH_FILES
          : 'COMPREPLY=()'
    return `    ${names.join('|')}) ${reply}; return ;;`
  })
  const options = bundles(grammar).map(
    (bundle) =>
      `    case $command in ${bundle.commands.join('|')}) words+='${namesOf(bundle.options).join(' ')} ' ;; esac`,
  )
  const words = [...grammar.words].map(([command, list]) => `    ${command}) words='${list.join(' ')}' ;;`)
  return `# bash completion for mcp-ferry
_mcp_ferry() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=bridge at=1 word words=''
  # bash takes --name=value for three words.
  if [[ $cur == '=' ]]; then cur=''
  elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  while ((at < COMP_CWORD)); do
    word=\${COMP_WORDS[at]}
    case $word in
      ${commands.join('|')}) command=$word; break ;;
    esac
    ((at++))
  done
  case $prev in
${values.join('\n')}
  esac
  if [[ $cur == -* ]]; then
${options.join('\n')}
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case $command in
    bridge) words='${commands.join(' ')}' ;;
${words.join('\n')}
  esac
  if [[ $command == trace ]] && ((at == COMP_CWORD - 2)); then
    ${BASH_FILES}
    return
  fi
  [[ $command == bridge ]] && at=0
  ((at == COMP_CWORD - 1)) || words=''
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _mcp_ferry mcp-ferry
`
}

/** In single quotes, for bash, zsh and fish alike. */
function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`
}

function described(options: readonly GrammarOption[]): string {
  return options
    .flatMap(({ name, short, does }) =>
      [name, ...(short === undefined ? [] : [short])].map((each) =>
        quoted(`${each}:${does.replace(/:/g, '')}`),
      ),
    )
    .join(' ')
}

function zsh(grammar: Grammar): string {
  const commands = grammar.commands.map(({ name }) => name)
  const values = valued(grammar).map(({ names, value }) => {
    const reply =
      value.kind === 'choice'
        ? `compadd -- ${value.words.map(quoted).join(' ')}`
        : value.kind === 'path'
          ? '_files'
          : `_message 'a value'`
    return `    ${names.join('|')}) ${reply}; return ;;`
  })
  const options = bundles(grammar).map(
    (bundle) =>
      `    case $command in ${bundle.commands.join('|')}) list+=(${described(bundle.options)}) ;; esac`,
  )
  const words = [...grammar.words].map(
    ([command, list]) => `    ${command}) ((CURRENT == at + 1)) && compadd -- ${list.join(' ')} ;;`,
  )
  const listed = grammar.commands.map(({ name, does }) => quoted(`${name}:${does.replace(/:/g, '')}`))
  return `#compdef mcp-ferry
# zsh completion for mcp-ferry
_mcp_ferry() {
  local command=bridge prev=\${words[CURRENT-1]} at
  local -a list
  for ((at = 2; at < CURRENT; at++)); do
    case \${words[at]} in
      ${commands.join('|')}) command=\${words[at]}; break ;;
    esac
  done
  if [[ \${words[CURRENT]} == --*=* ]]; then
    prev=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  case $prev in
${values.join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
${options.join('\n')}
    _describe -o option list
    return
  fi
  case $command in
    bridge) list=(${listed.join(' ')}); ((CURRENT == 2)) && _describe command list ;;
${words.join('\n')}
  esac
  if [[ $command == trace ]] && ((CURRENT == at + 2)); then _files; fi
}
if [[ \${funcstack[1]} == _mcp-ferry ]]; then _mcp_ferry "$@"; else compdef _mcp_ferry mcp-ferry; fi
`
}

function fish(grammar: Grammar): string {
  const commands = grammar.commands.map(({ name }) => name).join(' ')
  const lines = grammar.commands.map(
    ({ name, does }) => `complete -c mcp-ferry -n '__fish_is_first_arg' -a ${name} -d ${quoted(does)}`,
  )
  for (const [command, list] of grammar.words)
    lines.push(
      `complete -c mcp-ferry -n '__fish_seen_subcommand_from ${command}; and test (count (commandline -opc)) -eq 2' -a ${quoted(list.join(' '))}`,
    )
  lines.push(
    `complete -c mcp-ferry -n '__fish_seen_subcommand_from trace; and test (count (commandline -opc)) -eq 3' -F`,
  )
  bundles(grammar).forEach((bundle, index) => {
    const named = bundle.commands.filter((name) => name !== 'bridge')
    const conditions = [
      ...(bundle.commands.includes('bridge') ? [`not __fish_seen_subcommand_from ${commands}`] : []),
      ...(named.length > 0 ? [`__fish_seen_subcommand_from ${named.join(' ')}`] : []),
    ]
    const has = `__mcp_ferry_has_${index + 1}`
    lines.push(`function ${has}; ${conditions.join('; or ')}; end`)
    for (const { name, short, does, value } of bundle.options) {
      const letter = short === undefined ? '' : ` -s ${short.slice(1)}`
      lines.push(
        `complete -c mcp-ferry -n ${has}${letter} -l ${name.slice(2)}${fishValue(value)} -d ${quoted(does)}`,
      )
    }
  })
  return `# fish completion for mcp-ferry\ncomplete -c mcp-ferry -f\n${lines.join('\n')}\n`
}

function fishValue(value: Value | undefined): string {
  if (value === undefined) return ''
  if (value.kind === 'choice') return ` -x -a ${quoted(value.words.join(' '))}`
  return value.kind === 'path' ? ' -r -F' : ' -x'
}

/** In single quotes, for PowerShell. */
function literal(text: string): string {
  return `'${text.replace(/'/g, "''")}'`
}

function powershell(grammar: Grammar): string {
  const list = (words: readonly string[]): string => words.map(literal).join(', ')
  const values = valued(grammar).flatMap(({ names, value }) =>
    value.kind === 'choice' ? names.map((name) => `    ${literal(name)} = @(${list(value.words)})`) : [],
  )
  const free = valued(grammar).flatMap(({ names, value }) => (value.kind === 'choice' ? [] : names))
  const options = bundles(grammar).map(
    (bundle) =>
      `  if (@(${list(bundle.commands)}) -contains $command) { $options += @(${list(namesOf(bundle.options))}) }`,
  )
  const words = [...grammar.words].map(([command, each]) => `    ${literal(command)} = @(${list(each)})`)
  return `# PowerShell completion for mcp-ferry
Register-ArgumentCompleter -Native -CommandName mcp-ferry -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = @(${list(grammar.commands.map(({ name }) => name))})
  $values = @{
${values.join('\n')}
  }
  $free = @(${list(free)})
  $words = @{
    'bridge' = $commands
${words.join('\n')}
  }
  $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $previous = $before[-1]
  $command = $before | Select-Object -Skip 1 | Where-Object { $commands -contains $_ } | Select-Object -First 1
  if (-not $command) { $command = 'bridge' }
  $options = @()
${options.join('\n')}
  if ($values.ContainsKey($previous)) { $found = $values[$previous] }
  elseif ($free -contains $previous) { return }
  elseif ($wordToComplete.StartsWith('-')) { $found = $options }
  elseif ($previous -eq $command -or $before.Count -eq 1) { $found = $words[$command] }
  $found | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`
}
