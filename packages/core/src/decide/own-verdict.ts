/**
 * A verdict whose optional members are its own: what somebody put on Object.prototype under their names is no step, no challenge and no
 * header field of it.
 */
export function ownVerdict<T extends object>(verdict: T): T {
  const { prototype } = Object
  const isPolluted =
    'headers' in prototype || 'challenges' in prototype || 'elsewhere' in prototype || 'commit' in prototype || 'settle' in prototype
  return isPolluted ? Object.assign(Object.create(null), verdict) : verdict
}
