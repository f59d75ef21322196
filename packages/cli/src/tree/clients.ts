import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command-spec.js'
import { jsonOption } from './shared-options.js'

const store: readonly OptionSpec[] = [
  { flags: '--file <file>', summary: 'the clients file', complete: 'file' },
  { flags: '--redis <url>', summary: 'a Redis, redis://host:6379; a password goes into --redis-env' },
  { flags: '--redis-env <name>', summary: 'the variable that holds the URL of the Redis' },
  { flags: '--prefix <text>', summary: 'what the keys in the Redis begin with; default that of @countersign/redis' },
  jsonOption,
]

const clientArgument: ArgumentSpec = { name: '<client>', summary: 'its id' }
const credentialArgument: ArgumentSpec = { name: '[credential]', summary: 'the id of one credential' }

const issue: readonly OptionSpec[] = [
  { flags: '--not-before <time>', summary: 'holds from then on, 2026-01-15T12:00:00Z' },
  { flags: '--not-after <time>', summary: 'holds until just before then' },
]

const add: CommandSpec = {
  name: 'add',
  summary: 'add a client, or a credential to one that is there, and print what was issued: once, it is not kept',
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
    { flags: '--existing', summary: 'the client is there already' },
    { flags: '--key-prefix <text>', summary: 'what the key begins with; default cs' },
    { flags: '--create', summary: 'make the file where there is none' },
    ...issue,
    ...store,
  ],
  examples: [
    ['countersign client add acme --group partners --file clients.json --create', 'prints an API key, once'],
    ['countersign client add acme --existing --kind password --file clients.json', 'a password beside it'],
  ],
  load: () => import('../commands/client-add.js'),
}

const rotate: CommandSpec = {
  name: 'rotate',
  summary: 'put a new credential beside an old one, which ends after the overlap',
  arguments: [clientArgument, credentialArgument],
  options: [
    { flags: '--overlap <seconds>', summary: 'how long the old one still holds; default 86400, 0: not at all' },
    { flags: '--pin <pin>', summary: 'the new pin of a certificate' },
    { flags: '--key-prefix <text>', summary: 'what the key begins with; default cs' },
    ...issue,
    ...store,
  ],
  examples: [['countersign client rotate acme --overlap 3600 --file clients.json', 'both keys hold for an hour']],
  load: () => import('../commands/client-rotate.js'),
}

const revoke: CommandSpec = {
  name: 'revoke',
  summary: 'take away one credential, all of them, or the client itself',
  arguments: [clientArgument, credentialArgument],
  options: [
    { flags: '--all', summary: 'all of its credentials' },
    { flags: '--remove', summary: 'the client itself' },
    { flags: '--disable', summary: 'none of its credentials holds until --enable' },
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
      options: [{ flags: '-g, --group <name>', summary: 'those of a group only' }, ...store],
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
