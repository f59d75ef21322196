import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'

/**
 * Lets the caller's validateStatus decide, as axios's own adapters do.
 *
 * @param cause - why the request was not tried again, where there is something to say
 * @throws AxiosError `ERR_BAD_REQUEST` for 4xx, `ERR_BAD_RESPONSE` for the rest
 */
export function settled(response: AxiosResponse, config: InternalAxiosRequestConfig, cause: Error | undefined): AxiosResponse {
  const validate = Object.hasOwn(config, 'validateStatus') ? config.validateStatus : undefined
  const { status } = response
  if (!status || !validate || validate(status)) return response
  const code = status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE
  const error = new AxiosError(`Request failed with status code ${status}`, code, config, response.request, response)
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, writable: true, enumerable: false, configurable: true })
  throw error
}
