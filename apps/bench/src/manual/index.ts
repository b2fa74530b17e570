/** What the manual shows of a run: made from its results alone, so that a test can make it again. */
export { page } from './page.ts'
export { picture } from './picture.ts'
export type { Results } from './results.ts'
