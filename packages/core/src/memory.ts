/** `@keystile/core/memory`: a database in plain arrays. */
export { type MemoryDatabase, type MemoryRows, memoryAdapter } from './store/memory-adapter.ts'
