/** The site as a module of a worker, bundled; rows live as long as it does. */
import { memoryAdapter } from '@keystile/core/memory'
import { answering } from './answering.ts'

export default { fetch: answering(memoryAdapter({})) }
