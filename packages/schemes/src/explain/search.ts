import { BudgetSpent } from './budget.js'
import { told } from './causes.js'
import type { SecretVariant } from './secret-variants.js'
import { type Held, holds, type Search, type Trial, type Variant } from './trial.js'

/** What may differ from the request as it came, by kind; each in the order in which it is tried. */
export interface Axes {
  /** The scheme in another form: hash, encoding, prefix. */
  readonly forms: readonly Variant[]
  /** The signature's own fields: under another name, or one of several. */
  readonly fields: readonly Variant[]
  readonly secrets: readonly SecretVariant[]
  /** Secrets that were configured for others. */
  readonly strangers: readonly SecretVariant[]
  /** The JSON that is signed, written in another way. */
  readonly styles: readonly Variant[]
  readonly bodies: readonly Variant[]
  readonly origins: readonly Variant[]
  readonly targets: readonly Variant[]
  readonly headers: readonly Variant[]
  readonly methods: readonly Variant[]
  readonly times: readonly Variant[]
  readonly constructions: readonly Variant[]
  readonly messages: readonly Variant[]
  readonly schemes: readonly Variant[]
  /** The scheme's own string with one slip in it. */
  readonly edits: readonly Variant[]
  /** The same with less likely ones. */
  readonly rare: readonly Variant[]
}

/** Nothing differs. */
export const NO_AXES: Axes = {
  forms: [],
  fields: [],
  secrets: [],
  strangers: [],
  styles: [],
  bodies: [],
  origins: [],
  targets: [],
  headers: [],
  methods: [],
  times: [],
  constructions: [],
  messages: [],
  schemes: [],
  edits: [],
  rare: [],
}

/** The most HMACs for slips that are not likely. */
const MOST_RARE = 600

/** The causes that go with each other are few: of the bodies, those that come first. */
const USUAL_BODIES = 20

/**
 * The simplest change under which the signature holds: one cause first, then likely pairs.
 *
 * @returns undefined when there is none, or a limit ended the search
 */
export function search(base: Trial, axes: Axes, settings: Search): Held | undefined {
  try {
    return new Searcher(base, axes, settings).find()
  } catch (error) {
    if (error instanceof BudgetSpent) return undefined
    throw error
  }
}

class Searcher {
  readonly #base: Trial
  readonly #axes: Axes
  readonly #settings: Search
  readonly #usual: readonly SecretVariant[]

  constructor(base: Trial, axes: Axes, settings: Search) {
    this.#base = base
    this.#axes = axes
    this.#settings = settings
    this.#usual = axes.secrets.filter(({ usual }) => usual)
  }

  find(): Held | undefined {
    return this.#holds(this.#base) ?? this.#one() ?? this.#rare() ?? this.#two()
  }

  #one(): Held | undefined {
    const {
      forms,
      fields,
      secrets,
      strangers,
      styles,
      bodies,
      origins,
      targets,
      headers,
      methods,
      times,
      constructions,
      messages,
      schemes,
      edits,
    } = this.#axes
    return (
      this.#under(this.#base, secrets) ??
      this.#under(this.#base, strangers) ??
      this.#any([
        ...fields,
        ...forms,
        ...styles,
        ...bodies,
        ...origins,
        ...targets,
        ...headers,
        ...methods,
        ...times,
        ...constructions,
        ...messages,
        ...schemes,
        ...edits,
      ])
    )
  }

  /** What is left of the search is for pairs: a key that is derived for each try costs several HMACs. */
  #rare(): Held | undefined {
    const { budget } = this.#settings
    const until = budget.hmacs + MOST_RARE
    for (const vary of this.#axes.rare) {
      if (budget.hmacs > until) return undefined
      const held = this.#any([vary])
      if (held !== undefined) return held
    }
    return undefined
  }

  #two(): Held | undefined {
    const { forms, fields, bodies, origins, targets, headers, messages, schemes, constructions } = this.#axes
    const usualBodies = bodies.slice(0, USUAL_BODIES)
    return (
      this.#anyUnder([...fields, ...forms, ...schemes, ...constructions]) ??
      this.#pairs(forms, [...bodies, ...targets, ...origins, ...headers]) ??
      this.#pairs(origins, targets) ??
      this.#anyUnder([...usualBodies, ...origins, ...targets, ...messages, ...bodies.slice(USUAL_BODIES)]) ??
      this.#pairs(usualBodies, [...origins, ...targets, ...headers]) ??
      this.#pairs(messages, usualBodies) ??
      this.#pairs(schemes, bodies)
    )
  }

  #holds(trial: Trial): Held | undefined {
    return holds(trial, this.#settings)
  }

  #any(variants: readonly Variant[], trial = this.#base): Held | undefined {
    for (const vary of variants) {
      const varied = vary(trial)
      const held = varied === undefined ? undefined : this.#holds(varied)
      if (held !== undefined) return held
    }
    return undefined
  }

  /** One reading for all of the secrets. */
  #under(trial: Trial, secrets: readonly SecretVariant[]): Held | undefined {
    if (secrets.length === 0) return undefined
    const held = this.#holds({ ...trial, secrets: () => secrets.map(({ secret }) => secret) })
    const used = secrets.find(({ secret }) => secret === held?.secret)
    if (held === undefined || used === undefined) return held
    return { ...held, trial: { ...held.trial, told: [...held.trial.told, told(used.cause, used.title)] } }
  }

  #anyUnder(variants: readonly Variant[]): Held | undefined {
    for (const vary of variants) {
      const varied = vary(this.#base)
      const held = varied === undefined ? undefined : this.#under(varied, this.#usual)
      if (held !== undefined) return held
    }
    return undefined
  }

  #pairs(first: readonly Variant[], second: readonly Variant[]): Held | undefined {
    if (second.length === 0) return undefined
    for (const vary of first) {
      const varied = vary(this.#base)
      const held = varied === undefined ? undefined : this.#any(second, varied)
      if (held !== undefined) return held
    }
    return undefined
  }
}
