import { PassThrough, pipeline, type Readable } from 'node:stream'

/**
 * A body that leads to no request: a stream of Node's knows its socket, and that the request on it. Anything but a stream is returned
 * as it is.
 *
 * @param clean - makes of an error of the stream one that leads to no request either
 */
export function veiledStream(data: unknown, clean: (error: unknown) => unknown): unknown {
  if (typeof data !== 'object' || data === null) return data
  if (data instanceof ReadableStream) return veiledWebStream(data as ReadableStream<Uint8Array>, clean)
  if (typeof (data as Readable).pipe !== 'function' || typeof (data as Readable).on !== 'function') return data
  const out = new PassThrough({
    destroy: (error, done) => done(error === null ? null : (clean(error) as Error)),
  })
  // Each end takes the other along; whoever reads hears of an error from `out`.
  pipeline(data as Readable, out, () => undefined)
  return out
}

function veiledWebStream(body: ReadableStream<Uint8Array>, clean: (error: unknown) => unknown): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      } catch (error) {
        throw clean(error)
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
