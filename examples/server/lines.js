import { operator } from './backends/hawkeye.js'
import { reportsClient, SCOPE } from './backends/oauth.js'
import { admin, keys } from './clients.js'
import { gigyaKey, sapSecret, wso2Client } from './guards.js'

/**
 * The lines to paste into another terminal.
 *
 * @param {string} origin
 * @param {import('./backends/start.js').Backends} backends
 * @param {number} revokedAfterSeconds
 */
export function linesToTry(origin, backends, revokedAfterSeconds) {
  return `countersign's example server: Express on ${origin}, the same on Koa under ${origin}/koa

${incoming(origin, revokedAfterSeconds)}
${outgoing(origin, backends)}
npm start -- --try   # runs good and bad requests of every kind and says what became of them; with --wire, what our own calls signed and sent
`
}

/**
 * @param {string} origin
 * @param {number} revokedAfterSeconds
 */
function incoming(origin, revokedAfterSeconds) {
  return `# A signed webhook: hex HMAC-SHA256 of the body in X-Signature. Answers {"status":"ok"}; change one character of it: 401.
PAYLOAD='{"data":"test"}'
SIGNATURE=$(echo -n "$PAYLOAD" | openssl dgst -sha256 -hmac "your-secret" | cut -d' ' -f2)
curl -X POST ${origin}/api/hmac/protected -H "Content-Type: application/json" -H "X-Signature: $SIGNATURE" -d "$PAYLOAD"

# WSO2: method, date and path, signed; Authorization without auth-scheme.
DATE=$(TZ=GMT LC_ALL=C date '+%a, %d %b %Y %H:%M:%S GMT')
SIGNATURE=$(printf 'GET\\n%s\\n/api/wso2/orders' "$DATE" | openssl dgst -sha256 -hmac '${wso2Client.secret}' -binary | base64)
curl ${origin}/api/wso2/orders -H "Date: $DATE" -H "Authorization: ${wso2Client.id}:$SIGNATURE"

# SAP API Management and Gigya: base64 HMAC-SHA1 under a base64 key.
PAYLOAD='{"events":[]}'
KEY=$(echo -n '${gigyaKey}' | base64 -d | od -An -tx1 | tr -d ' \\n')
SIGNATURE=$(echo -n "$PAYLOAD" | openssl dgst -sha1 -mac HMAC -macopt hexkey:$KEY -binary | base64)
curl -X POST ${origin}/hooks/gigya -H "Content-Type: application/json" -H "X-Gigya-Sig-Hmac-Sha1: $SIGNATURE" -d "$PAYLOAD"
# The same to a bridge: it goes on, octet by octet, to a server that knows Basic alone; the answer has its SAP_MessageProcessingLogID.
curl -i -X POST ${origin}/bridge/events -H "Content-Type: application/json" -H "X-Gigya-Sig-Hmac-Sha1: $SIGNATURE" -d "$PAYLOAD"

# Basic, or an API key, of a client in the group; without either, 401 with both challenges. admin sees more.
curl -u ${admin.user}:${admin.password} ${origin}/api/secure/data
curl -H "X-API-Key: ${keys.app}" ${origin}/api/secure/data
curl -i ${origin}/api/secure/data
curl -H "X-API-Key: ${keys.app}" ${origin}/api/v1/services/my-service

# A group of three clients; the third is revoked ${revokedAfterSeconds} seconds after the start, and refused from then on.
curl -H "X-API-Key: ${keys['partner-1']}" ${origin}/api/partners
curl -H "X-API-Key: ${keys['partner-3']}" ${origin}/api/partners

# Either a signature or an API key.
curl -H "X-API-Key: ${keys.app}" ${origin}/api/mixed
`
}

/**
 * @param {string} origin
 * @param {import('./backends/start.js').Backends} backends
 */
function outgoing(origin, { oauth, inventory, hawkeye }) {
  return `# A call with an API key goes on to a WSO2-style server with our Date and signature.
curl -H "X-API-Key: ${keys.app}" ${origin}/bridge/orders
curl -H "X-API-Key: ${keys.app}" -H "Content-Type: application/json" -d '{"name":"z"}' ${origin}/bridge/orders

# We call an API with a bearer token of the authorization server at ${oauth.origin}. All tokens are revoked; we get another and call again.
curl -H "X-API-Key: ${keys.app}" ${origin}/calls/reports
curl -X POST ${oauth.origin}/revoke-all
curl -H "X-API-Key: ${keys.app}" ${origin}/calls/reports

# The same API, with a token of your own; without one, 401.
TOKEN=$(curl -s -d 'grant_type=client_credentials&scope=${SCOPE}&client_id=${reportsClient.id}&client_secret=${reportsClient.secret}' \\
  ${oauth.tokenUrl} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -H "Authorization: Bearer $TOKEN" ${origin}/api/reports

# A token service that is not OAuth 2.0, at ${inventory.tokenUrl}, whose token goes into X-Auth-Token.
curl -H "X-API-Key: ${keys.app}" ${origin}/calls/items

# We send an order, signed as SAP does; and the same with openssl.
curl -X POST -H "X-API-Key: ${keys.app}" ${origin}/calls/order
PAYLOAD='{"order_id":"12345","amount":100}'
SIGNATURE=$(echo -n "$PAYLOAD" | openssl dgst -sha256 -hmac '${sapSecret}' | cut -d' ' -f2)
curl -X POST ${origin}/api/signed/orders -H "Content-Type: application/json" -H "X-Signature: $SIGNATURE" -d "$PAYLOAD"

# We log in as ${operator.username}, call twice and log out, also where a call fails (502). The journal of that server: no session is open.
curl -H "X-API-Key: ${keys.app}" ${origin}/calls/probes/north
curl -H "X-API-Key: ${keys.app}" ${origin}/calls/probes/broken
curl ${hawkeye.origin}/journal
`
}
