import type { CommandSpec } from '../command-spec.js'
import {
  emptyBodyOption,
  jsonOption,
  requestArgument,
  requestOptions,
  schemeArgument,
  schemeOptions,
  secretOptions,
} from './shared-options.js'

const sign: CommandSpec = {
  name: 'sign',
  summary: 'sign a request: print the fields to add, a curl line, or an openssl line that proves the signature',
  arguments: [schemeArgument, requestArgument],
  options: [
    ...requestOptions,
    ...secretOptions,
    { flags: '--as <form>', summary: 'headers (default), curl, openssl or message', complete: ['headers', 'curl', 'openssl', 'message'] },
    { flags: '--key-id <id>', summary: 'the key id to send' },
    { flags: '--nonce <text>', summary: 'the nonce; default random' },
    { flags: '--timestamp <text>', summary: 'the timestamp to send; default from the clock' },
    { flags: '--algorithm <name>', summary: "the algorithm's name in the request, if the scheme carries one" },
    { flags: '--field <name=value>', summary: 'a value for a field of the scheme; may be repeated', repeat: true },
    { flags: '--sign-also <name>', summary: 'a field to sign in addition to the list of the scheme; may be repeated', repeat: true },
    ...schemeOptions,
    jsonOption,
  ],
  examples: [
    ['countersign sign github POST /hooks --body-file event.json --secret-env GITHUB_SECRET', 'the fields to add'],
    ['countersign sign slack --as curl https://api.example.com/hooks --body x=1 --secret-env SLACK_SECRET', 'a curl line, ready to run'],
    ['countersign sign stripe --as openssl /hooks --body-file event.json --secret-env STRIPE_SECRET', 'the same signature with openssl'],
    ['countersign sign aws-sigv4 --param region=eu-1 --param service=s3 --key-id AK1 -- curl https://...', 'sign what curl sends'],
  ],
  load: () => import('../commands/sign.js'),
}

const verify: CommandSpec = {
  name: 'verify',
  summary: 'verify the signature of a request',
  arguments: [schemeArgument, requestArgument],
  options: [...requestOptions, ...secretOptions, ...schemeOptions, emptyBodyOption, jsonOption],
  examples: [
    ['countersign verify github --request saved.http --secret-env GITHUB_SECRET', 'a saved raw request'],
    ['countersign verify stripe --har page.har --entry 3 --now 2026-01-15T12:00:00Z', 'as of that time; asks for the secret'],
    ['countersign verify slack --curl - --secret-env SLACK_SECRET', 'a curl command, pasted'],
  ],
  load: () => import('../commands/verify.js'),
}

const explain: CommandSpec = {
  name: 'explain',
  summary: 'say why the signature of a request is not valid',
  arguments: [schemeArgument, requestArgument],
  options: [
    ...requestOptions,
    ...secretOptions,
    ...schemeOptions,
    emptyBodyOption,
    {
      flags: '--other-secret-env <name>',
      summary: 'a variable with a secret of another sender or environment; may be repeated',
      repeat: true,
    },
    jsonOption,
  ],
  examples: [
    ['countersign explain shopify --request saved.http --secret-env SHOPIFY_SECRET', 'names the cause and the fix'],
    ['countersign explain hmac.json --secret-file key.txt -- curl -d @event.json https://...', 'a scheme of your own'],
  ],
  load: () => import('../commands/explain.js'),
}

const listen: CommandSpec = {
  name: 'listen',
  summary: 'receive webhooks on a local port, verify each and explain each failure',
  arguments: [schemeArgument],
  options: [
    { flags: '-p, --port <port>', summary: 'default 3000; 0 picks a free one' },
    { flags: '--host <address>', summary: 'default 127.0.0.1' },
    { flags: '--save <folder>', summary: 'save each request there, for verify --request and explain --request', complete: 'folder' },
    { flags: '--count <n>', summary: 'exit after so many requests, with 0 if all were valid' },
    { flags: '--handshake', summary: "answer the vendor's signed handshake, such as Slack's url_verification" },
    { flags: '--max-body <octets>', summary: 'default 1048576' },
    ...secretOptions,
    ...schemeOptions,
    emptyBodyOption,
    { flags: '--json', summary: 'print one JSON object per line for each request' },
  ],
  examples: [
    ['countersign listen stripe --port 4242 --secret-env STRIPE_SECRET', 'webhooks that Stripe sends through your tunnel'],
    ['countersign listen github --secret-env GITHUB_SECRET --save deliveries', 'keeps the requests'],
  ],
  load: () => import('../commands/listen.js'),
}

/** What signs requests, and judges their signatures. */
export const signingCommands: readonly CommandSpec[] = [sign, verify, explain, listen]
