export * from './engine.js'
export * from './presets/index.js'
