import { admin, keys } from './clients.js'
import { gigyaKey, wso2Client } from './guards.js'

/** The lines to paste into another terminal. */
export function linesToTry(origin, revokedAfterSeconds) {
  return `countersign's example server: Express on ${origin}, the same on Koa under ${origin}/koa

# A signed webhook: hex HMAC-SHA256 of the body in X-Signature. Answers {"status":"ok"}; change one character of it: 401.
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

npm start -- --try   # runs good and bad requests of every kind and says what became of them
`
}
