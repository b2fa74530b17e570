export { createPasswords, type Passwords } from './passwords.ts'
export { currentPrefix } from './stored.ts'
