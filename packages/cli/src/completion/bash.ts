import type { Completion } from '../command-spec.js'
import type { CompletionNode } from './nodes.js'

/** The completions for bash, without the package bash-completion. */
export function bashCompletion(nodes: readonly CompletionNode[], schemes: readonly string[]): string {
  return `# countersign(1) completion for bash: source <(countersign completion bash)
_countersign() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word i
  local schemes='${schemes.join(' ')}'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i += 1)); do
    word=\${COMP_WORDS[i]}
    case "$path $word" in
${nodes
  .slice(1)
  .map(({ words }) => `      '${pathOf(words)}') path='${pathOf(words)}' ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${nodes.map((node) => nodeCase(node)).join('\n')}
  esac
}
complete -F _countersign countersign
`
}

/** Each word with a blank before it. */
function pathOf(words: readonly string[]): string {
  return words.map((word) => ` ${word}`).join('')
}

function nodeCase({ words, commands, options, arguments: expected }: CompletionNode): string {
  const valued = options
    .filter(({ takesValue }) => takesValue)
    .map(({ short, long, complete }) => {
      const names = short === undefined ? long : `${short}|${long}`
      return `        ${names}) ${reply(complete)}; return ;;`
    })
  const names = options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long])).join(' ')
  const lines = [
    `    '${pathOf(words)}')`,
    ...(valued.length === 0 ? [] : [`      case "$prev" in`, ...valued, '      esac']),
    `      if [[ $cur == -* ]]; then ${compgen(`-W '${names}'`)}`,
    commands.length > 0
      ? `      else ${compgen(`-W '${commands.map(({ name }) => name).join(' ')}'`)}`
      : `      else ${reply(expected[0]?.complete)}`,
    '      fi',
    '      ;;',
  ]
  return lines.join('\n')
}

function reply(complete: Completion | undefined): string {
  if (complete === 'file') return compgen('-f')
  if (complete === 'folder') return compgen('-d')
  if (complete === 'scheme') return `COMPREPLY=($(compgen -W "$schemes" -- "$cur") $(compgen -f -X '!*.json' -- "$cur"))`
  return complete === undefined ? ':' : compgen(`-W '${complete.join(' ')}'`)
}

function compgen(how: string): string {
  return `COMPREPLY=($(compgen ${how} -- "$cur"))`
}
