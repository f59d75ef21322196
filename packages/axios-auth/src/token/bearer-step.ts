import type { OutgoingRequest, Step } from '../carrier/step.js'

/** What a step gets its tokens from: the token of one set of scopes. */
export interface TokenHolder {
  current(): string | Promise<string>
  /** Told of a token that was refused; answers whether there is another one. */
  refused(token: string): boolean | Promise<boolean>
}

/** The field that carries a token, what stands before it, with its blank, and the statuses that refuse it. */
export interface Carriage {
  readonly header: string
  readonly prefix: string
  readonly isExpired: (status: number) => boolean
}

interface Carried {
  readonly holder: TokenHolder
  readonly token: string
}

/** Finds what gives the token of a request; called with the same config for each of its attempts. */
export type TokenChoice = (config: OutgoingRequest['config'], origin: string) => TokenHolder

/** The step that puts a token on a request, and looks after its refusal. */
export function bearerStep({ header, prefix, isExpired }: Carriage, choose: TokenChoice): Step {
  const carried = new WeakMap<OutgoingRequest, Carried>()
  const put = (request: OutgoingRequest, holder: TokenHolder, token: string) => {
    carried.set(request, { holder, token })
    request.setHeader(header, prefix + token)
  }
  return Object.freeze<Step>({
    name: 'bearer',
    stage: 'token',
    apply(request) {
      const holder = choose(request.config, request.origin)
      const token = holder.current()
      return typeof token === 'string' ? put(request, holder, token) : token.then((late) => put(request, holder, late))
    },
    refused(answer, request) {
      const used = isExpired(answer.status) ? carried.get(request) : undefined
      return used === undefined ? false : used.holder.refused(used.token)
    },
    follows: (answer) => !isExpired(answer.status),
  })
}

/** The scopes that a request asks for; undefined where it names none. */
export function authScopesOf(config: OutgoingRequest['config']): unknown {
  return Object.hasOwn(config, 'authScopes') ? (config as { readonly authScopes?: unknown }).authScopes : undefined
}
