import { everyCaseThrough } from './every-case.ts'

await everyCaseThrough('Fastify')
