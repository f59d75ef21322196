const made = new Map()

/** What `make` returns, made once per process: openssl takes a while for certificates. */
export function once(name, make) {
  if (!made.has(name)) made.set(name, make())
  return made.get(name)
}
