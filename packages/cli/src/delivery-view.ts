import { formatExplanation } from '@countersign/schemes/explain'
import type { Judged } from './delivery-judge.js'
import { printable, printableJson } from './printable.js'
import type { Terminal, Tone } from './terminal.js'
import type { Received } from './webhook-receiver.js'

/** Shows what `listen` receives: a line a request, below it why it does not hold, and on a terminal a count that stays at the bottom. */
export class DeliveryView {
  readonly #terminal: Terminal
  readonly #scheme: string
  readonly #asJson: boolean
  #url = ''
  #valid = 0
  #refused = 0

  constructor(terminal: Terminal, scheme: string, asJson: boolean) {
    this.#terminal = terminal
    this.#scheme = scheme
    this.#asJson = asJson
  }

  /** How many requests were shown. */
  get count(): number {
    return this.#valid + this.#refused
  }

  /** How many of them did not hold. */
  get refused(): number {
    return this.#refused
  }

  listening(url: string, notes: readonly string[]): void {
    this.#url = url
    for (const note of notes) this.#terminal.note(`note: ${note}`)
    if (this.#asJson) this.#jsonLine({ event: 'listening', url, scheme: this.#scheme })
    else this.#terminal.line(`${this.#terminal.paint('strong', url)} listens for ${this.#scheme}; Ctrl-C ends`)
    this.#status()
  }

  show(received: Received, judged: Judged, savedAs: string | undefined): void {
    if (judged.ok) this.#valid += 1
    else this.#refused += 1
    if (this.#asJson) this.#jsonLine(this.#asObject(received, judged, savedAs))
    else this.#print(received, judged, savedAs)
    this.#status()
  }

  /** Says that something came that is no request, which counts as none. */
  unreadable(reason: string): void {
    const at = new Date().toISOString()
    if (this.#asJson) this.#jsonLine({ event: 'unreadable', at, reason })
    else this.#terminal.line(`${this.#terminal.paint('dim', at.slice(11, 19))}  ${this.#terminal.paint('warn', 'unreadable')}  ${reason}`)
    this.#status()
  }

  end(): void {
    if (this.#asJson) return
    this.#terminal.status('')
    this.#terminal.note(`${this.#valid} valid, ${this.#refused} not valid`)
  }

  #jsonLine(value: unknown): void {
    this.#terminal.line(printableJson(value))
  }

  #asObject({ method, target, body }: Received, { ok, at, verified, explanation, problem }: Judged, savedAs: string | undefined) {
    return {
      event: 'request',
      at: new Date(at).toISOString(),
      method,
      target,
      bodyBytes: body?.length ?? null,
      ok,
      keyId: verified?.keyId ?? null,
      code: explanation?.code ?? null,
      reason: explanation?.reason ?? problem ?? null,
      findings: explanation?.findings ?? [],
      savedAs: savedAs ?? null,
    }
  }

  #print({ method, target, body }: Received, { ok, at, verified, explanation, problem }: Judged, savedAs: string | undefined): void {
    const paint = (tone: Tone, text: string) => this.#terminal.paint(tone, text)
    const time = paint('dim', new Date(at).toISOString().slice(11, 19))
    const verdict = ok ? paint('good', 'valid') : paint('bad', 'not valid')
    const age = verified?.signedAt === undefined ? '' : `, signed ${Math.round((at - verified.signedAt) / 1000)} s ago`
    const size = body === undefined ? '' : ` ${body.length} octets`
    this.#terminal.line(`${time}  ${verdict}  ${printable(`${method} ${target.slice(0, 200)}`)}${size}${age}`)
    if (problem !== undefined) this.#terminal.line(`  ${problem}`)
    if (explanation !== undefined) this.#terminal.line(indented(formatExplanation(explanation, { colour: this.#terminal.colours })))
    if (savedAs !== undefined) this.#terminal.line(paint('dim', `  ${printable(savedAs)}`))
  }

  #status(): void {
    if (!this.#asJson) this.#terminal.status(`${this.#valid} valid, ${this.#refused} not valid - ${this.#url}`)
  }
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
