/** A clock: milliseconds since the Unix epoch. Every factory that looks at the time takes one as `now`; default `Date.now`. */
export type Clock = () => number
