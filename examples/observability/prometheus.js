import { subscribe } from 'node:diagnostics_channel'
import { Counter } from 'prom-client'

/**
 * Counts what countersign decides, for Prometheus: `countersign_decisions_total{authenticator, decision, code}`.
 *
 * @param {import('prom-client').Registry} registry
 */
export function count(registry) {
  const decisions = new Counter({
    name: 'countersign_decisions_total',
    help: 'Requests that were judged',
    labelNames: ['authenticator', 'decision', 'code'],
    registers: [registry],
  })
  for (const decision of ['granted', 'refused', 'error']) {
    subscribe(`countersign:${decision}`, (event) => {
      const { authenticator, code = '' } = /** @type {import('@countersign/core').AuthEvent} */ (event)
      decisions.inc({ authenticator, decision, code })
    })
  }
}
