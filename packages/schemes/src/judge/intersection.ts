/** What is in each of several lists: what is bound, whichever of several texts the sender has chosen. */
export function intersection(lists: readonly (readonly string[])[]): string[] {
  const [first = [], ...rest] = lists
  return first.filter((name) => rest.every((list) => list.includes(name)))
}
