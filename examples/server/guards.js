// What the routes of both servers share: which scheme, whose secret. Every secret here is an example; take yours from the
// environment with secretFromEnv('NAME') or from a mounted file with secretFromFile('/run/secrets/name').
import { docusign, github, sapApim, sapSigned, wso2 } from '@countersign/schemes'

/** `your-secret` has 11 octets, which is too few for anything but an example: hence allowWeakSecret. */
export const signed = { secret: 'your-secret', allowWeakSecret: true }

export const wso2Client = {
  id: 'hSN3y4iQGUCUfvovakUq5Sq1CTQa',
  secret: 'X2doTVRxXD7Q_OlK9ksBPvRBBlUa',
}
export const wso2Backend = { scheme: wso2, secret: wso2Client }

export const gigyaKey = 'Z2lneWEtcGFydG5lci1zZWNyZXQtMDAwMQ=='
export const gigya = { scheme: sapApim, secret: gigyaKey, clientId: 'gigya' }

export const docusignKeys = ['example-docusign-key-1', 'example-docusign-key-2']
export const envelopes = { scheme: docusign, secret: docusignKeys }

export const githubSecret = "It's a Secret to Everybody"
export const pushes = { scheme: github, secret: githubSecret }

/** What our own calls sign with, and our own route verifies with. */
export const sapSecret = 'example-sap-secret'
export const sapOrders = { scheme: sapSigned, secret: sapSecret }
