/** passport-http 0.3.0 ships no types; of it only the constructor is used. */
declare module 'passport-http' {
  export const BasicStrategy: new (options: object, verify: (...args: never[]) => unknown) => object
}
