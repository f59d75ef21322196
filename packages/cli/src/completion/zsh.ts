import type { Completion } from '../command-spec.js'
import type { CompletionNode, CompletionOption } from './nodes.js'

/** The completions for zsh: to be sourced behind compinit, or kept as `_countersign` in a folder of fpath. */
export function zshCompletion(nodes: readonly CompletionNode[], schemes: readonly string[]): string {
  return `#compdef countersign
# countersign(1) completion for zsh: source <(countersign completion zsh)
__countersign_scheme_names() {
  local -a schemes=(${schemes.join(' ')})
  _describe -t schemes 'scheme' schemes
  _files -g '*.json'
}
${nodes.map(nodeFunction).join('\n')}
if [[ $funcstack[1] == _countersign ]]; then
  _countersign "$@"
else
  compdef _countersign countersign
fi
`
}

function nodeFunction({ words, commands, options, arguments: expected }: CompletionNode): string {
  const name = ['_countersign', ...words].join('_')
  const specs = options.map(optionSpec)
  if (commands.length === 0) {
    const rest = expected.map(({ name: argument, complete }, i) => {
      const at = argument.endsWith('...]') ? '*' : String(i + 1)
      // A message in the place of matches would keep an option there from being completed.
      return quoted(`${at}:${argument.replace(/[<>[\].:]/g, '')}:${complete === undefined ? '()' : action(complete)}`)
    })
    return `${name}() {\n  _arguments -s \\\n${[...specs, ...rest].map((spec) => `    ${spec}`).join(' \\\n')}\n}`
  }
  const list = commands.map((command) => `    ${quoted(`${command.name}:${command.summary.replaceAll(':', '\\:')}`)}`).join('\n')
  const cases = commands.map((command) => `      (${command.name}) ${name}_${command.name} ;;`).join('\n')
  return `${name}() {
  local line state
  local -a commands=(
${list}
  )
  _arguments -C \\
${specs.map((spec) => `    ${spec}`).join(' \\\n')} \\
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    (command) _describe -t commands 'command' commands ;;
    (rest)
      case $line[1] in
${cases}
      esac
      ;;
  esac
}`
}

function optionSpec({ short, long, summary, takesValue, complete }: CompletionOption): string {
  const says = `[${summary.replace(/[[\]\\:]/g, '\\$&')}]`
  const value = takesValue ? `:value:${action(complete)}` : ''
  // `=`: the value stands behind it or in the next word; `+`: it may follow the letter.
  if (short === undefined) return quoted(`*${long}${takesValue ? '=' : ''}${says}${value}`)
  return `'*'{${takesValue ? `${short}+,${long}=` : `${short},${long}`}}${quoted(`${says}${value}`)}`
}

function action(complete: Completion | undefined): string {
  if (complete === 'file') return '_files'
  if (complete === 'folder') return '_files -/'
  if (complete === 'scheme') return '__countersign_scheme_names'
  return complete === undefined ? ' ' : `(${complete.join(' ')})`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
