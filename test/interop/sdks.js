// The vendors' own SDKs, one entry each: `sign` makes the fields that the vendor would send (where the SDK can), `verify` asks the SDK
// whether fields and body hold. Secrets are examples.
import { createRequire } from 'node:module'
import * as schemes from '@countersign/schemes'
import * as octokit from '@octokit/webhooks-methods'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import '@shopify/shopify-api/adapters/node'
import { ApiVersion, shopifyApi } from '@shopify/shopify-api'
import Stripe from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import twilio from 'twilio'

const require = createRequire(import.meta.url)
const { hmacValidator: AdyenValidator } = require('@adyen/api-library')
const { Signature: HubspotSignature } = require('@hubspot/api-client')
const line = require('@line/bot-sdk')
const { LogLevel, Paddle } = require('@paddle/paddle-node-sdk')
const { verifySlackRequest } = require('@slack/bolt')
const { WebhooksManager: BoxWebhooks } = require('box-node-sdk/managers/webhooks')
const { WebhooksHelper: SquareWebhooks } = require('square')

const shopify = shopifyApi({
  apiKey: 'example',
  apiSecretKey: 'an-example-secret-of-32-octets!!',
  hostName: 'example.com',
  apiVersion: ApiVersion.October25,
  isEmbeddedApp: false,
  logger: { level: 0, log: () => {} },
})
const stripe = new Stripe('sk_test_example')
const ORIGIN = 'https://example.com'
export const URL_OF_ALL = `${ORIGIN}/hooks/in?x=1`

/** Whether a function that throws on a bad signature did not throw. */
function passes(run) {
  try {
    run()
    return true
  } catch {
    return false
  }
}

const WHSEC = `whsec_${Buffer.from('an-example-secret-of-32-octets!!').toString('base64')}`
const TEXT = 'an-example-secret-of-32-octets!!'
const HEX_KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056'

function standard(Webhook, prefix) {
  return {
    sign: (body, now) => {
      const signature = new Webhook(WHSEC).sign('msg_1', new Date(now), body.toString())
      return { [`${prefix}-id`]: 'msg_1', [`${prefix}-timestamp`]: String(Math.floor(now / 1000)), [`${prefix}-signature`]: signature }
    },
    verify: (headers, body) => passes(() => new Webhook(WHSEC).verify(body.toString(), headers)),
  }
}

export const sdks = [
  {
    sdk: '@octokit/webhooks-methods',
    scheme: schemes.github,
    secret: TEXT,
    sign: async (body) => ({ 'x-hub-signature-256': await octokit.sign(TEXT, body.toString()) }),
    verify: (headers, body) => octokit.verify(TEXT, body.toString(), headers['x-hub-signature-256']),
  },
  {
    sdk: 'stripe',
    scheme: schemes.stripe,
    secret: TEXT,
    sign: (body, now) => ({
      'stripe-signature': stripe.webhooks.generateTestHeaderString({
        payload: body.toString(),
        secret: TEXT,
        timestamp: Math.floor(now / 1000),
      }),
    }),
    verify: (headers, body) => passes(() => stripe.webhooks.constructEvent(body, headers['stripe-signature'], TEXT)),
  },
  { sdk: 'standardwebhooks', scheme: schemes.standardWebhooks, secret: WHSEC, ...standard(StandardWebhook, 'webhook') },
  { sdk: 'svix', scheme: schemes.svix, secret: WHSEC, ...standard(SvixWebhook, 'svix') },
  {
    sdk: '@slack/bolt',
    scheme: schemes.slack,
    secret: TEXT,
    verify: (headers, body) => passes(() => verifySlackRequest({ signingSecret: TEXT, body: body.toString(), headers })),
  },
  {
    sdk: 'twilio',
    scheme: schemes.twilio,
    secret: TEXT,
    type: 'application/x-www-form-urlencoded',
    body: 'Body=b&Body=a&Digits=1234&From=%2B14158675309&Name=%C3%A9+x',
    sign: (body) => ({ 'x-twilio-signature': twilio.getExpectedTwilioSignature(TEXT, URL_OF_ALL, formOf(body)) }),
    verify: (headers, body) => twilio.validateRequest(TEXT, headers['x-twilio-signature'], URL_OF_ALL, formOf(body)),
  },
  {
    sdk: '@line/bot-sdk',
    scheme: schemes.line,
    secret: TEXT,
    verify: (headers, body) => line.validateSignature(body, TEXT, headers['x-line-signature']),
  },
  {
    sdk: 'square',
    scheme: schemes.square,
    secret: TEXT,
    verify: (headers, body) =>
      SquareWebhooks.verifySignature({
        requestBody: body.toString(),
        signatureHeader: headers['x-square-hmacsha256-signature'],
        signatureKey: TEXT,
        notificationUrl: URL_OF_ALL,
      }),
  },
  {
    sdk: '@hubspot/api-client',
    scheme: schemes.hubspotV3,
    secret: TEXT,
    sign: (body, now) => ({
      'x-hubspot-request-timestamp': String(now),
      'x-hubspot-signature-v3': HubspotSignature.getSignature('POST', 'v3', hubspot(body, now)),
    }),
    verify: (headers, body) =>
      HubspotSignature.isValid({
        ...hubspot(body, Number(headers['x-hubspot-request-timestamp'])),
        signature: headers['x-hubspot-signature-v3'],
        signatureVersion: 'v3',
        method: 'POST',
      }),
  },
  {
    sdk: 'box-node-sdk',
    scheme: schemes.box,
    secret: TEXT,
    verify: (headers, body) => BoxWebhooks.validateMessage(body.toString(), headers, TEXT, { secondarySignatureKey: TEXT }),
  },
  {
    sdk: '@paddle/paddle-node-sdk',
    scheme: schemes.paddle,
    secret: TEXT,
    verify: (headers, body) => paddle.webhooks.isSignatureValid(body.toString(), TEXT, headers['paddle-signature']),
  },
  {
    sdk: '@adyen/api-library',
    scheme: schemes.adyenPlatform,
    secret: HEX_KEY,
    sign: (body) => ({ hmacsignature: new AdyenValidator().calculateHmac(body.toString(), HEX_KEY) }),
    verify: (headers, body) => new AdyenValidator().validateHMACSignature(HEX_KEY, headers['hmacsignature'], body.toString()),
  },
  {
    sdk: '@shopify/shopify-api',
    scheme: schemes.shopify,
    secret: TEXT,
    verify: async (headers, body) => {
      const sent = { ...headers, 'x-shopify-topic': 'orders/paid', 'x-shopify-shop-domain': 'some-shop.myshopify.com' }
      const rawRequest = {
        method: 'POST',
        url: '/hooks/in',
        headers: { ...sent, 'x-shopify-api-version': '2025-10', 'x-shopify-webhook-id': 'w1' },
      }
      return (await shopify.webhooks.validate({ rawBody: body.toString(), rawRequest, rawResponse: {} })).valid
    },
  },
]

function hubspot(body, timestamp) {
  return { clientSecret: TEXT, httpUri: URL_OF_ALL, requestBody: body.toString(), url: URL_OF_ALL, timestamp }
}

const paddle = new Paddle('pdl_example', { logLevel: LogLevel.none })

function formOf(body) {
  const form = {}
  for (const [name, value] of new URLSearchParams(body.toString())) {
    form[name] = name in form ? [form[name], value].flat() : value
  }
  return form
}
