/** Thrown when a limit ends the search. */
export class BudgetSpent extends Error {
  constructor() {
    super('the search has reached its limit')
    this.name = 'BudgetSpent'
  }
}

/** Thrown for a trial that would parse the body once too often; others that need no parse go on. */
export class ParsesSpent extends BudgetSpent {}

/** The most HMACs of one explanation, derived keys included. */
const MOST_HMACS = 2000
/** How often a body is parsed at most. */
const MOST_PARSES = 64
/** Parses that the search leaves for showing what it has found. */
const KEPT_PARSES = 6
/** The most octets that are signed in all: bounds the time of large bodies. */
const MOST_OCTETS = 192 * 1024 * 1024

/** The most that trials parse in all, in octets by their weight. */
const MOST_PARSED = 20 * 1024 * 1024
/** As many parses are made whatever the body weighs: without them not even the secrets could be tried. */
const FREE_PARSES = 12

/** How often a digest of the body that the request carries is made again at most: each costs half an HMAC. */
const MOST_DIGESTS = 3500

/** Counts the work of one explanation. */
export class Budget {
  #hmacs = 0
  #digests = 0
  #parses = 0
  #octets = 0
  #parsed = 0
  #exhausted = false
  #mostParses = MOST_PARSES - KEPT_PARSES
  #mostOctets = MOST_OCTETS
  #mostParsed = MOST_PARSED

  get hmacs(): number {
    return this.#hmacs
  }

  get parses(): number {
    return this.#parses
  }

  /** @throws BudgetSpent when that many more would be too many */
  hmac(count: number, octets: number): void {
    if (this.#hmacs + count > MOST_HMACS || this.#octets + octets > this.#mostOctets) throw this.#spent()
    this.#hmacs += count
    this.#octets += octets
  }

  /**
   * @param octets - the weight of what is parsed
   * @throws ParsesSpent when that many more would be too many
   */
  parse(count: number, octets = 0): void {
    if (this.#parses + count > this.#mostParses || (this.#parses >= FREE_PARSES && this.#parsed + octets > this.#mostParsed)) {
      this.#exhausted = true
      throw new ParsesSpent()
    }
    this.#parses += count
    this.#parsed += octets
  }

  /** A digest of the body. @throws BudgetSpent when it would be one too many */
  digest(): void {
    if (this.#digests >= MOST_DIGESTS) throw this.#spent()
    this.#digests += 1
  }

  /** Octets that are copied or hashed beside the HMACs. @throws BudgetSpent */
  octets(count: number): void {
    this.hmac(0, count)
  }

  /** From now on what was kept for showing may be spent; whether the search was ended by a limit is known. */
  searched(): boolean {
    this.#mostParses = MOST_PARSES
    this.#mostOctets = Number.POSITIVE_INFINITY
    this.#mostParsed = Number.POSITIVE_INFINITY
    return this.#exhausted
  }

  #spent(): BudgetSpent {
    this.#exhausted = true
    return new BudgetSpent()
  }
}
