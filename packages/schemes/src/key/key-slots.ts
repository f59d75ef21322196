import { Problems } from '../definition/problems.js'
import { isLiteral, parseTemplate } from '../definition/template.js'
import type { CompiledText, TextEnv } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import { charactersOfHash } from './secret-share.js'

/** The slots of a key's templates, as texts of their own. */
export interface KeySlots {
  /** Those of the secret; none where all of them keep the whole of it. */
  readonly ofSecret: readonly CompiledText[]
  /** How many characters of the secret's hash they keep. */
  readonly ofHash: number
  /** Those of the request. */
  readonly ofRequest: readonly CompiledText[]
  /** Whether the first template ends with one of these. */
  readonly endsOpen: boolean
}

/** Takes the slots out of the templates of a key. What is wrong with them is told where the templates are compiled. */
export function keySlots(templates: readonly string[], env: TextEnv): KeySlots {
  const quiet: TextEnv = { ...env, problems: new Problems('') }
  const parsed = templates.map((template) => parseTemplate(template, 'key', quiet.problems))
  const slots = parsed.flat().flatMap((piece) => (isLiteral(piece) ? [] : [piece]))
  const textOf = ({ source }: (typeof slots)[number]) => compileTemplate(source, 'key', quiet)
  const secrets = slots.filter(({ part }) => part === 'secret')
  const texts = secrets.map(textOf)
  const isLess = texts.some(({ shape }) => shape.lossy === true || shape.cut === true)
  const last = parsed[0]?.at(-1)
  return {
    ofSecret: isLess ? texts : [],
    ofHash: secrets.reduce((sum, { pipes }) => sum + charactersOfHash(pipes), 0),
    ofRequest: slots.filter(({ part }) => part !== 'secret' && part !== 'param').map(textOf),
    endsOpen: last !== undefined && !isLiteral(last) && last.part !== 'secret' && last.part !== 'param',
  }
}
