import { startIntegration, startOrders } from './bridged.js'
import { startHawkeye } from './hawkeye.js'
import { startInventory } from './inventory.js'
import { startOauth } from './oauth.js'

/** @typedef {Awaited<ReturnType<typeof startBackends>>} Backends */

/** Starts the servers that ours calls, each with an origin of its own. */
export async function startBackends() {
  const [oauth, inventory, hawkeye, integration, orders] = await Promise.all([
    startOauth(),
    startInventory(),
    startHawkeye(),
    startIntegration(),
    startOrders(),
  ])
  const close = () => {
    for (const server of [oauth, inventory, hawkeye, integration, orders]) server.close()
  }
  return { oauth, inventory, hawkeye, integration, orders, close }
}
