import { invalidValue, type OptionReader } from '@countersign/core/base'

/** A test of statuses from an option that is a status or a list of them. @throws TypeError that names the option */
export function statusTest(reader: OptionReader, name: string, fallback: (status: number) => boolean): (status: number) => boolean {
  const given = reader.raw(name)
  if (given === undefined) return fallback
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  for (const status of list.length === 0 ? [undefined] : list) {
    if (!Number.isInteger(status) || (status as number) < 100 || (status as number) > 599) {
      throw invalidValue(reader.factory, name, 'must be a status such as 401, or a list of them')
    }
  }
  const statuses = new Set(list)
  return (status) => statuses.has(status)
}
