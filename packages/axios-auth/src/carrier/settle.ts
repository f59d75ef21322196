import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'

/**
 * Lets the caller's validateStatus decide, as axios's own adapters do; but for a request that was refused with a status of success, such as a
 * form of a login with 200, and was not tried again: nothing in that answer would tell that what it sent is lost.
 *
 * @param cause - why the request was not tried again, where there is something to say
 * @throws AxiosError `ERR_BAD_REQUEST` for 4xx, `ERR_BAD_RESPONSE` for the rest
 */
export function settled(response: AxiosResponse, config: InternalAxiosRequestConfig, cause: Error | undefined): AxiosResponse {
  const validate = Object.hasOwn(config, 'validateStatus') ? config.validateStatus : undefined
  const { status } = response
  const isLost = cause !== undefined && status >= 200 && status < 300
  if (!isLost && (!status || !validate || validate(status))) return response
  const code = status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE
  const why = isLost
    ? `The response (${status}) refuses the credentials; the body is a stream, and was not sent again`
    : `Request failed with status code ${status}`
  const error = new AxiosError(why, code, config, response.request, response)
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, writable: true, enumerable: false, configurable: true })
  throw error
}
