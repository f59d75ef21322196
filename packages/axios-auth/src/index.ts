export * from './step.js'
