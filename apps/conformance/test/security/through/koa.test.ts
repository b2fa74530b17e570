import { everyCaseThrough } from './every-case.ts'

await everyCaseThrough('Koa 3')
