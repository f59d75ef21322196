import type { When } from '../definition/definition.js'
import { stringOfText, type TextEnv } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import type { WhenTest } from '../template/when.js'

/**
 * Whether values of the request are what a branch is chosen by: an event of which the vendor signs other members than of the next.
 * Whoever changes such a value on the way gets another branch, whose text has to be the signed one.
 */
export function compileIs(is: NonNullable<When['is']>, path: string, env: TextEnv): WhenTest {
  const tests = Object.entries(is).map(([template, wanted]): WhenTest => {
    if (/\{secret[|}]|\|hmac[|}]/.test(template))
      env.problems.add(path, `${template} would choose by the secret; name a part of the request`)
    if (template.startsWith('{item:')) env.problems.add(path, `${template} is of one item, and the whole request takes a branch`)
    const text = compileTemplate(template, path, env)
    const texts: readonly string[] = [wanted].flat()
    return (reading) => texts.includes(stringOfText(text, reading))
  })
  return (reading) => tests.every((test) => test(reading))
}
