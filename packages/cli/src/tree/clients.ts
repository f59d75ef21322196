import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command-spec.js'
import { jsonOption } from './shared-options.js'

const store: readonly OptionSpec[] = [
  { flags: '--file <file>', summary: 'the clients file', complete: 'file' },
  { flags: '--redis <url>', summary: 'a Redis, redis://host:6379; for a URL with a password use --redis-env' },
  { flags: '--redis-env <name>', summary: 'the variable that holds the URL of the Redis' },
  { flags: '--prefix <text>', summary: 'the prefix of the keys in Redis; default that of @countersign/redis' },
  jsonOption,
]

const clientArgument: ArgumentSpec = { name: '<client>', summary: 'its id' }
const credentialArgument: ArgumentSpec = { name: '[credential]', summary: 'the id of one credential' }

const issue: readonly OptionSpec[] = [
  { flags: '--not-before <time>', summary: 'valid from then on, 2026-01-15T12:00:00Z' },
  { flags: '--not-after <time>', summary: 'valid until then, exclusive' },
]

const add: CommandSpec = {
  name: 'add',
  summary: 'add a client, or a credential to an existing one, and print what was issued, which is not stored',
  arguments: [clientArgument],
  options: [
    { flags: '-g, --group <name>', summary: 'a group of the new client; may be repeated', repeat: true },
    {
      flags: '--kind <kind>',
      summary: 'key (default), password, certificate, hmac or none',
      complete: ['key', 'password', 'certificate', 'hmac', 'none'],
    },
    { flags: '--pin <pin>', summary: 'of a certificate: as countersign pin prints it' },
    { flags: '--key-id <id>', summary: "of an hmac: the key id; default the client's id" },
    { flags: '--secret-from <place>', summary: 'of an hmac: env:NAME or file:PATH, where the server finds the secret' },
    { flags: '--user <name>', summary: "the user name of a password; default the client's id" },
    { flags: '--existing', summary: 'add to an existing client' },
    { flags: '--key-prefix <text>', summary: 'the prefix of the key; default cs' },
    { flags: '--create', summary: 'create the file if it does not exist' },
    ...issue,
    ...store,
  ],
  examples: [
    ['countersign client add acme --group partners --file clients.json --create', 'prints an API key, once'],
    ['countersign client add acme --existing --kind password --file clients.json', 'adds a password'],
  ],
  load: () => import('../commands/client-add.js'),
}

const rotate: CommandSpec = {
  name: 'rotate',
  summary: 'issue a new credential; the old one ends after the overlap',
  arguments: [clientArgument, credentialArgument],
  options: [
    { flags: '--overlap <seconds>', summary: 'how long the old one stays valid; default 86400; 0 ends it at once' },
    { flags: '--pin <pin>', summary: 'the new pin of a certificate' },
    { flags: '--key-prefix <text>', summary: 'the prefix of the key; default cs' },
    ...issue,
    ...store,
  ],
  examples: [['countersign client rotate acme --overlap 3600 --file clients.json', 'both keys are valid for an hour']],
  load: () => import('../commands/client-rotate.js'),
}

const revoke: CommandSpec = {
  name: 'revoke',
  summary: 'revoke one credential or all, or remove or disable the client',
  arguments: [clientArgument, credentialArgument],
  options: [
    { flags: '--all', summary: 'all of its credentials' },
    { flags: '--remove', summary: 'the client itself' },
    { flags: '--disable', summary: 'none of its credentials is accepted until --enable' },
    { flags: '--enable', summary: 'they hold again' },
    ...store,
  ],
  examples: [
    ['countersign client revoke acme api-key-1f0c --file clients.json', ''],
    ['countersign client revoke acme --disable --file clients.json', 'nothing is lost'],
  ],
  load: () => import('../commands/client-revoke.js'),
}

const client: CommandSpec = {
  name: 'client',
  summary: 'the clients of a file or a Redis, and their credentials',
  commands: [
    add,
    {
      name: 'list',
      summary: 'list the clients, or show one',
      arguments: [{ name: '[client]', summary: 'its id' }],
      options: [{ flags: '-g, --group <name>', summary: 'only those of a group' }, ...store],
      load: () => import('../commands/client-list.js'),
    },
    rotate,
    revoke,
    {
      name: 'group',
      summary: 'change the groups of a client',
      arguments: [clientArgument],
      options: [
        { flags: '--join <name>', summary: 'may be repeated', repeat: true },
        { flags: '--leave <name>', summary: 'may be repeated', repeat: true },
        ...store,
      ],
      examples: [['countersign client group acme --join partners --leave trial --file clients.json', '']],
      load: () => import('../commands/client-group.js'),
    },
  ],
}

/** What changes clients and their credentials. */
export const clientCommands: readonly CommandSpec[] = [client]
