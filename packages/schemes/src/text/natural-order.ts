/** Compares by UTF-16 code unit, and runs of digits by their number: `a2` before `a10`, as PHP's SORT_NATURAL does. */
export function byNatural(a: string, b: string): number {
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const one = digitsAt(a, i)
    const other = digitsAt(b, j)
    if (one !== '' && other !== '') {
      const order = byNumber(one.replace(/^0+/, ''), other.replace(/^0+/, ''))
      if (order !== 0) return order
      i += one.length
      j += other.length
      continue
    }
    if (a[i] !== b[j]) return (a[i] as string) < (b[j] as string) ? -1 : 1
    i += 1
    j += 1
  }
  return a.length - i - (b.length - j)
}

function byNumber(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0)
}

const DIGITS = /[0-9]*/y

function digitsAt(text: string, at: number): string {
  DIGITS.lastIndex = at
  return (DIGITS.exec(text) as RegExpExecArray)[0]
}
