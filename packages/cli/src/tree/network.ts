import type { CommandSpec } from '../command-spec.js'
import { jsonOption } from './shared-options.js'

const pin: CommandSpec = {
  name: 'pin',
  summary: 'show the pins, subject and expiry of a certificate, from a file or a server',
  arguments: [{ name: '<file-or-server>', summary: 'PEM or DER; host:port, https://host; - is stdin', complete: 'file' }],
  options: [
    { flags: '--servername <name>', summary: 'the server name to ask for (SNI); default the host' },
    { flags: '--chain', summary: 'all certificates in the file, or that the server sends' },
    { flags: '--expect <pin>', summary: 'exit with 1 unless the first certificate has this pin' },
    { flags: '--timeout <ms>', summary: 'how long the server may take; default 10000' },
    jsonOption,
  ],
  examples: [
    ['countersign pin client.pem', ''],
    ['countersign pin api.example.com:443 --chain', ''],
    ['countersign pin api.example.com:443 --expect sha256/AAAA...', 'for monitoring: 0 or 1'],
  ],
  load: () => import('../commands/pin.js'),
}

const token: CommandSpec = {
  name: 'token',
  summary: 'fetch a client-credentials token, and show its lifetime',
  arguments: [{ name: '<token-url>', summary: 'the token endpoint' }],
  options: [
    { flags: '--client-id <id>', summary: 'the client id' },
    { flags: '--secret-env <name>', summary: 'the variable that holds the client secret', repeat: true },
    { flags: '--secret-file <file>', summary: 'a file that contains it', repeat: true, complete: 'file' },
    { flags: '--secret-stdin', summary: 'read it from stdin; without any of these, the terminal asks for it' },
    { flags: '--scope <scope>', summary: 'may be repeated', repeat: true },
    { flags: '--audience <audience>', summary: 'as some servers want it' },
    { flags: '--param <name=value>', summary: 'a further parameter of the request; may be repeated', repeat: true },
    { flags: '--auth <method>', summary: 'basic (default) or post', complete: ['basic', 'post'] },
    { flags: '--timeout <ms>', summary: 'how long the server may take; default 10000' },
    { flags: '--allow-http', summary: 'send the secret without TLS, also to hosts other than this one' },
    { flags: '--show-token', summary: 'print the token' },
    jsonOption,
  ],
  examples: [['countersign token https://id.example.com/token --client-id app --secret-env APP_SECRET --scope read', '']],
  load: () => import('../commands/token.js'),
}

/** What asks servers: for certificates, for tokens. */
export const networkCommands: readonly CommandSpec[] = [pin, token]
