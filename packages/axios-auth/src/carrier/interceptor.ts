import type { AxiosAdapter, AxiosRequestConfig, AxiosRequestTransformer, InternalAxiosRequestConfig } from 'axios'
import { withLeg } from './carrier.js'
import type { CarrierSettings } from './carrier-options.js'
import { exactOctets } from './payload.js'
import type { Step } from './step.js'

/** What `axios.interceptors.request.use(...)` takes. */
export type RequestInterceptor = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig

/**
 * The interceptor of a step. It only leaves word in the config: the request is made final, and the step runs, once every interceptor
 * and transformRequest has had its turn, so that whatever those change is covered as well.
 *
 * @param settings - of `carrierSettings`
 * @throws TypeError, when a request is made, that names `origins` where neither that option nor an absolute baseURL says who may
 *   receive the credentials
 */
export function interceptor(step: Step, settings: CarrierSettings): RequestInterceptor {
  const leg = Object.freeze({ step, settings })
  let last: { readonly under: AxiosRequestConfig['adapter']; readonly made: AxiosAdapter } | undefined
  return (config) => {
    settings.origins.settle(Object.hasOwn(config, 'baseURL') ? config.baseURL : undefined)
    const under = Object.hasOwn(config, 'adapter') ? config.adapter : undefined
    if (last === undefined || !isSame(under, last.under)) last = { under, made: withLeg(under, leg) }
    config.adapter = last.made
    config.transformRequest = withExactOctets(Object.hasOwn(config, 'transformRequest') ? config.transformRequest : undefined)
    return config
  }
}

/** axios copies a list of adapters for each request. */
function isSame(a: AxiosRequestConfig['adapter'], b: AxiosRequestConfig['adapter']): boolean {
  if (a === b) return true
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => one === b[i])
}

type Transforms = NonNullable<InternalAxiosRequestConfig['transformRequest']>

/** The transforms that have been changed already, and what they became. */
const exact = new WeakMap<AxiosRequestTransformer, AxiosRequestTransformer>()
const made = new WeakSet<AxiosRequestTransformer>()

/** One transform more would cost axios another pass over all header fields, so it becomes part of the first. */
function withExactOctets(transforms: Transforms | null | undefined): Transforms {
  const list: AxiosRequestTransformer[] = Array.isArray(transforms) ? transforms : transforms ? [transforms] : []
  const [first, ...rest] = list
  // What is no function is for axios to refuse.
  if (typeof first !== 'function') return [exactOctets, ...list]
  if (first === exactOctets || made.has(first)) return list
  let changed = exact.get(first)
  if (changed === undefined) {
    changed = function (data, headers) {
      return first.call(this, exactOctets(data), headers)
    }
    exact.set(first, changed)
    made.add(changed)
  }
  return [changed, ...rest]
}
