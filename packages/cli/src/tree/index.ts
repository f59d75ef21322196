export { catalogueCommands, shellCommands } from './catalogue.js'
export { clientCommands } from './clients.js'
export { networkCommands } from './network.js'
export { signingCommands } from './signing.js'
