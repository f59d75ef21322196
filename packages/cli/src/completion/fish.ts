import type { Completion } from '../command-spec.js'
import type { CompletionNode, CompletionOption } from './nodes.js'

/** The completions for fish: to be kept as ~/.config/fish/completions/countersign.fish. */
export function fishCompletion(nodes: readonly CompletionNode[], schemes: readonly string[]): string {
  return `# countersign(1) completion for fish
complete -c countersign -f
function __countersign_at
    # Whether the words so far that are no options begin with these, and no command follows.
    set -l words (commandline -opc | string match -v -- '-*')
    set -e words[1]
    set -l wanted (string split -n ' ' -- $argv[1])
    set -l next (string split -n ' ' -- $argv[2])
    set -l count (count $wanted)
    test (count $words) -ge $count; or return 1
    test $count -eq 0; or test "$words[1..$count]" = "$wanted"; or return 1
    not contains -- "$words["(math $count + 1)"]" $next
end
${nodes.flatMap((node) => nodeLines(node, schemes)).join('\n')}
`
}

function nodeLines({ words, commands, options, arguments: expected }: CompletionNode, schemes: readonly string[]): string[] {
  const next = commands.map(({ name }) => name).join(' ')
  const at = `-n "__countersign_at '${words.join(' ')}' '${next}'"`
  return [
    ...commands.map(({ name, summary }) => `complete -c countersign ${at} -a ${name} -d ${quoted(summary)}`),
    ...options.map((option) => `complete -c countersign ${at} ${optionWords(option, schemes)}`),
    ...expected.slice(0, 1).flatMap(({ complete }) => {
      const values = valueWords(complete, schemes)
      return values === '' ? [] : [`complete -c countersign ${at} ${values}`]
    }),
  ]
}

function optionWords({ short, long, summary, takesValue, complete }: CompletionOption, schemes: readonly string[]): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)} -d ${quoted(summary)}`
  // -x: no file stands for the value.
  const takes = complete === 'file' || complete === 'scheme' ? '-r' : '-x'
  return takesValue ? `${names} ${takes} ${valueWords(complete, schemes)}`.trimEnd() : names
}

function valueWords(complete: Completion | undefined, schemes: readonly string[]): string {
  if (complete === 'file') return '-F'
  if (complete === 'folder') return "-a '(__fish_complete_directories)'"
  if (complete === 'scheme') return `-F -a ${quoted(schemes.join(' '))}`
  return complete === undefined ? '' : `-a ${quoted(complete.join(' '))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
