import { OptionReader } from '@countersign/core/base'
import type { Explanation, Finding } from './finding.js'

/** How an explanation is written. */
export interface FormatOptions {
  /** Colours for a terminal (ANSI). Default false. */
  readonly colour?: boolean
}

type Paint = (text: string) => string

interface Paints {
  readonly bad: Paint
  readonly good: Paint
  readonly bold: Paint
  readonly dim: Paint
}

const painted =
  (on: boolean, open: number, close: number): Paint =>
  (text) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text

/**
 * An explanation as lines of text, for a log or a terminal. Nothing of the request can begin a line or reach a terminal unescaped.
 *
 * @throws TypeError when an option is wrong
 */
export function formatExplanation(explanation: Explanation, options: FormatOptions = {}): string {
  const colour = new OptionReader('formatExplanation', options, ['colour']).boolean('colour', false)
  const paint: Paints = {
    bad: painted(colour, 31, 39),
    good: painted(colour, 32, 39),
    bold: painted(colour, 1, 22),
    dim: painted(colour, 2, 22),
  }
  const { ok, scheme, code, reason, findings, work } = explanation
  if (ok) return `${paint.good('the signature holds')} (${scheme})`
  const head = `${paint.bad(code ?? 'refused')} (${scheme}): ${reason ?? ''}`
  const spent = `${work.hmacs} HMACs, ${work.parses} parses of the body${work.exhausted ? '; a limit ended the search' : ''}`
  return [head, ...findings.flatMap((finding, at) => findingLines(finding, at, paint)), paint.dim(spent)].join('\n')
}

const SURE: Readonly<Record<Finding['confidence'], string>> = {
  proved: 'the signature holds so',
  fact: 'this is so, whatever else is wrong',
  likely: 'likely',
}

const SHOWN: Readonly<Record<NonNullable<Finding['shows']>, string>> = {
  message: 'string to sign',
  hashed: 'text of which the string to sign holds a hash',
  body: 'body',
}

function findingLines(finding: Finding, at: number, paint: Paints): readonly string[] {
  const { title, fix, confidence, cause, shows = 'message', theirs, ours, hashed, difference } = finding
  const together = finding.with === undefined ? '' : `, together with ${finding.with.join(', ')}`
  const what = SHOWN[shows]
  return [
    `${at + 1}. ${paint.bold(title)}`,
    `   ${cause} (${SURE[confidence]}${together})`,
    `   fix: ${fix}`,
    ...(theirs === undefined ? [] : [`   ${what}, as the sender has built it:`, ...block(theirs)]),
    ...(ours === undefined ? [] : [`   ${what}, as we build it:`, ...block(ours)]),
    ...(hashed === undefined ? [] : [`   ${SHOWN.hashed}, as we build it:`, ...block(hashed)]),
    ...(difference === undefined
      ? []
      : [
          `   first difference at octet ${difference.offset}, line ${difference.line}:`,
          ...difference.marked.split('\n').map((line) => `     | ${line}`),
        ]),
  ]
}

/** Each line of a string to sign on one of its own. */
function block(text: string): readonly string[] {
  return text
    .replaceAll('<LF>', '<LF>\n')
    .split('\n')
    .filter((line, at, lines) => line !== '' || at < lines.length - 1)
    .map((line) => `     | ${line}`)
}
