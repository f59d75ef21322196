import type { CommandSpec } from '../command-spec.js'
import { jsonOption, schemeArgument } from './shared-options.js'

const schemes: CommandSpec = {
  name: 'schemes',
  summary: 'the catalogue of signing schemes',
  options: [jsonOption],
  commands: [
    {
      name: 'list',
      summary: 'list the schemes',
      options: [jsonOption],
      load: () => import('../commands/schemes-list.js'),
    },
    {
      name: 'show',
      summary: 'show one scheme: what it signs, what that binds, and its documentation',
      arguments: [schemeArgument],
      options: [jsonOption],
      examples: [['countersign schemes show stripe', '']],
      load: () => import('../commands/schemes-show.js'),
    },
  ],
  examples: [['countersign schemes | grep sha1', '']],
  load: () => import('../commands/schemes-list.js'),
}

const scheme: CommandSpec = {
  name: 'scheme',
  summary: 'schemes of your own',
  commands: [
    {
      name: 'check',
      summary: 'check a scheme in a JSON file, and show an example of what it signs',
      arguments: [{ name: '<file>', summary: 'the scheme as JSON; - is stdin', complete: 'file' }],
      options: [jsonOption],
      examples: [['countersign scheme check acme.json', '']],
      load: () => import('../commands/scheme-check.js'),
    },
  ],
}

const completion: CommandSpec = {
  name: 'completion',
  summary: 'print the completions for a shell',
  arguments: [{ name: '<shell>', summary: 'bash, zsh or fish', complete: ['bash', 'zsh', 'fish'] }],
  options: [jsonOption],
  examples: [
    ['source <(countersign completion bash)', 'in ~/.bashrc'],
    ['source <(countersign completion zsh)', 'in ~/.zshrc, after compinit'],
    ['countersign completion fish > ~/.config/fish/completions/countersign.fish', ''],
  ],
  load: () => import('../commands/completion.js'),
}

/** What shows the catalogue, and what checks a scheme of one's own. */
export const catalogueCommands: readonly CommandSpec[] = [schemes, scheme]
/** What serves the shell itself. */
export const shellCommands: readonly CommandSpec[] = [completion]
