import { everyCaseThrough } from './every-case.ts'

await everyCaseThrough('Express 5')
