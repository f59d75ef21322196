import type { Choose, List, Text, When } from '../definition/definition.js'
import { compileList } from '../list/list.js'
import type { Reading } from '../request/reading.js'
import type { Branch, CompiledText, Emit, TextEnv } from '../template/compiled-text.js'
import { compileTemplate } from '../template/template-text.js'
import { compileWhen, type WhenTest } from '../template/when.js'
import { compileIs } from './when-is.js'

/** Compiles a text; `path` is where in the definition it stands. Problems are collected in `env`. */
export function compileText(text: Text, path: string, env: TextEnv): CompiledText {
  if (typeof text === 'string') return compileTemplate(text, path, env)
  if ('choose' in text) return compileChoose(text, path, env)
  return compileList(text as List, path, env)
}

function compileChoose(text: Choose, path: string, env: TextEnv): CompiledText {
  const branches: Branch[] = []
  const tests: { readonly test: WhenTest | undefined; readonly text: CompiledText; readonly first: number }[] = []
  text.choose.forEach((branch, i) => {
    const at = `${path}.choose[${i}]`
    const last = i === text.choose.length - 1
    if (last !== (branch.when === undefined)) {
      env.problems.add(
        at,
        last ? 'the last branch must have no "when", so that every request has one' : 'only the last branch has no "when"',
      )
    }
    const compiled = compileText(branch.use, `${at}.use`, env)
    tests.push({
      test: branch.when && compileTest(branch.when, `${at}.when`, env),
      text: compiled,
      first: branches.length,
    })
    for (const inner of compiled.branches) branches.push({ when: both(branch.when, inner.when), pieces: inner.pieces })
  })
  const chosen = (reading: Reading) =>
    tests.find(({ test }) => test === undefined || test(reading)) ?? (tests.at(-1) as (typeof tests)[number])
  const emit: Emit = (reading, out) => chosen(reading).text.emit(reading, out)
  const branchOf = (reading: Reading) => {
    const { text: inner, first } = chosen(reading)
    return first + (inner.branchOf?.(reading) ?? 0)
  }
  const octets = tests.some((test) => test.text.shape.kind === 'octets')
  return {
    shape: { kind: octets ? 'octets' : 'text', alphabet: 'any' },
    latin1: tests.some((test) => test.text.latin1),
    emit,
    branches,
    branchOf,
  }
}

function compileTest(when: When, path: string, env: TextEnv): WhenTest {
  const test = compileWhen(when, env.slots, path, env.problems)
  const is = when.is && compileIs(when.is, `${path}.is`, env)
  return is === undefined ? test : (reading) => test(reading) && is(reading)
}

/** What chooses a branch inside a branch, as far as it is told apart by it. */
function both(outer: When | undefined, inner: When | undefined): When | undefined {
  return outer === undefined ? inner : { ...outer, ...inner }
}
