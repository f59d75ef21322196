import { invalidValue, OptionReader } from '@countersign/core/base'
import { escapedPemCertificate, escapedPemCertificates } from '../encodings.js'
import { refuse } from '../errors.js'
import type { CertificateSource } from '../source.js'
import { UNSTATED, VERIFIED } from './header-certificate.js'
import { evidence } from './header-evidence.js'
import { type CertificateHeaderOptions, HEADER_OPTION_NAMES, readHeaderNames, readHeaderSetup } from './header-options.js'
import { headerSource } from './header-source.js'

/** Options of `awsAlb`. */
export interface AwsAlbOptions extends CertificateHeaderOptions {
  /**
   * The mode of the listener. `verify`: the load balancer has checked the chain against its trust store. `passthrough`: it has
   * checked nothing, and `ca` is needed, so that the chain is checked here. Default `verify`.
   */
  readonly mode?: 'verify' | 'passthrough'
  /** The headers under the names that the listener's attributes give them. */
  readonly headers?: { readonly leaf?: string; readonly chain?: string }
}

/**
 * Certificates from an AWS Application Load Balancer with mutual TLS.
 *
 * Verified: in mode `verify` whatever comes in X-Amzn-Mtls-Clientcert-Leaf; in mode `passthrough` what leads to `ca`. The value is
 * PEM, URL-encoded with `+`, `=` and `/` left bare: no form encoding.
 *
 * Not checked: which mode the listener has; a request that carries the header of the other mode is refused. The load balancer
 * replaces the headers of its own mode, so that only it may reach the target: name its subnets in trustedProxies, and let the
 * security group admit nobody else.
 *
 * @throws TypeError when trustedProxies is missing, `passthrough` comes without `ca`, or an option is unknown or wrong
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
 */
export function awsAlb(options: AwsAlbOptions): CertificateSource {
  const reader = new OptionReader('awsAlb', options, [...HEADER_OPTION_NAMES, 'ca', 'mode', 'headers'])
  const mode = reader.oneOf('mode', ['verify', 'passthrough'], 'verify')
  if (mode === 'passthrough' && !reader.asksFor('ca')) {
    throw invalidValue('awsAlb', 'ca', "is required with mode 'passthrough': the load balancer verifies nothing, so it is done here")
  }
  const names = readHeaderNames(reader, { leaf: 'x-amzn-mtls-clientcert-leaf', chain: 'x-amzn-mtls-clientcert' })
  const [own, other] = mode === 'verify' ? [names.leaf, names.chain] : [names.chain, names.leaf]
  const holds = mode === 'verify' ? escapedPemCertificate : escapedPemCertificates
  const proof = evidence(reader, { header: own, holds, fieldNames: new Map() })
  return headerSource(readHeaderSetup(reader), {
    name: 'awsAlb',
    families: ['x-amzn-mtls-clientcert', names.leaf, names.chain],
    kinds: proof.kinds,
    keys: proof.keys,
    verifies: true,
    serialBase: 16,
    decode(fields) {
      if (fields.has(other))
        return refuse('ERR_TLS_HEADER_MALFORMED', `the header ${other} belongs to the other mode than '${mode}' of the listener`)
      return proof.read(fields, mode === 'verify' ? VERIFIED : UNSTATED)
    },
  })
}
